import type { Button } from '@slack/types';
import { stateMark } from '../../../jobs/run/act.ts';
import type { Work } from '../../../jobs/run/events.ts';
import {
  type KnownFailure,
  type RecogniseFailure,
  stepFailure,
} from '../../../openstack/repair/signature.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { failedStep } from '../../../jobs/run/fixes.ts';
import type { ButtonValue } from '../button-value.ts';
import { confirmDialog } from '../dialog.ts';
import { inlineCode, cutText, fewNames, plainLabel, oneLineMrkdwn, withFullStop } from '../text.ts';

/** What a failure is and what fixes it: mrkdwn lines for a section of their own. None of it runs by itself. */
export const knownFailureLines = (
  run: Run,
  work: Work,
  recognise: RecogniseFailure | undefined,
): string[] => explained(run, work, recognise, lines);

/** The same in few words, for the card: what it is, and each fix; `More…` has the rest. */
export const briefFailureLines = (
  run: Run,
  work: Work,
  recognise: RecogniseFailure | undefined,
): string[] => explained(run, work, recognise, briefLines);

function explained(
  run: Run,
  work: Work,
  recognise: RecogniseFailure | undefined,
  say: (known: KnownFailure) => string[],
): string[] {
  const failure = stepFailure(run, work);
  if (recognise === undefined || failure === undefined) return [];
  const known = recognise(failure);
  if (known !== undefined) return say(known);
  // A runbook of one's own fails in ways that nobody could know.
  return run.plan.origin !== undefined
    ? ['*What it is*  not a failure we know; what it printed says most']
    : [];
}

const briefLines = ({ title, waysOut }: KnownFailure): string[] => [
  `*What it is*  ${withFullStop(oneLineMrkdwn(title, 200))}`,
  ...waysOut.slice(0, MOST).map((way, index) => {
    const then = way.hasSteps ? ' (asks the approvers first)' : THEN[way.after];
    return `${index === 0 ? '*Fixes*  ' : ''}${index + 1}  ${oneLineMrkdwn(way.title, 200)}${then}`;
  }),
];

/** How many fixes are known. */
export function fixesOf(run: Run, work: Work, recognise: RecogniseFailure): number {
  const failure = stepFailure(run, work);
  return (failure && recognise(failure))?.waysOut.length ?? 0;
}

/** A button for each fix that has steps. A press only adds them to the run; the approvers are asked before they run. */
export function fixButtons(run: Run, recognise: RecogniseFailure | undefined): Button[] {
  const failed = failedStep(run);
  const [host = ''] = failed?.hosts ?? [];
  const failure = failed && stepFailure(run, { phase: 'apply', step: failed.step.id, host });
  const known = failure && recognise?.(failure);
  if (failed === undefined || known === undefined) return [];
  return known.waysOut.slice(0, MOST).flatMap(({ title, hasSteps, runs, after }, index) => {
    if (!hasSteps) return [];
    const value: ButtonValue = {
      run: run.id,
      seen: stateMark(run, 'fix'),
      choice: `${plainLabel(known.id, 60)}.${index + 1}`,
    };
    const [first, then] = [
      fewNames(
        runs.map((line) => plainLabel(line, 80)),
        2,
      ),
      after === 'retry' ? `"${plainLabel(failed.step.title, 80)}" again` : '',
    ];
    const what = [first, then].filter((part) => part !== '').join(', then ');
    return [
      {
        type: 'button' as const,
        // Each only once in a block.
        action_id: `run.fix.${index + 1}`,
        text: { type: 'plain_text' as const, text: plainLabel(title, 75), emoji: false },
        value: JSON.stringify(value),
        confirm: confirmDialog(
          'Use this fix?',
          `The approvers are shown every command and asked first; nothing runs before that.${what === '' ? '' : ` It runs ${withFullStop(what)}`}`,
          'Ask them',
        ),
      },
    ];
  });
}

const MOST = 6;

function lines({ title, explanation, source, waysOut }: KnownFailure): string[] {
  return [
    `*What it is*  ${withFullStop(oneLineMrkdwn(title, 200))} ${oneLineMrkdwn(explanation, 900)} [${oneLineMrkdwn(source, 200)}]`,
    ...waysOut.slice(0, MOST).map((way, index) => {
      const runs =
        way.runs.length === 0
          ? ''
          : `: ${cutText(fewNames(way.runs.map((line) => inlineCode(line, 200))), 400)}`;
      const then = way.hasSteps ? ASKS[way.after] : THEN[way.after];
      return `${index === 0 ? '*Fixes*  ' : ''}${index + 1}  ${oneLineMrkdwn(way.title, 200)}${runs}${then}`;
    }),
  ];
}

type After = KnownFailure['waysOut'][number]['after'];

const THEN: Readonly<Record<After, string>> = {
  retry: ', then *Retry*',
  skip: ', then *Skip…*',
  rollback: ': *Roll back…*',
  abort: ': *Abort…*',
};

const ASKS: Readonly<Record<After, string>> = {
  ...THEN,
  retry: ', then the step again; the button asks the approvers first',
  skip: ', then on without the step; the button asks the approvers first',
};
