import type { Work } from '../../jobs/events.ts';
import type { KnownFailure, Recognise } from '../../jobs/openstack/signature.ts';
import { type Run, hostStep, stepOf } from '../../jobs/run.ts';
import { code, cut, few, plain } from './text.ts';

/** What a failure is and what leads on from it: mrkdwn lines for a section of their own. None of it runs by itself. */
export function knownLines(run: Run, work: Work, recognise: Recognise | undefined): string[] {
  const { failure, tail = '' } = hostStep(run, work);
  if (recognise === undefined || failure === undefined) return [];
  const { reason, exit } = failure;
  const { kind } = stepOf(run, work.step);
  const known = recognise({ kind, output: `${reason}\n${tail}`, exit });
  if (known !== undefined) return lines(known);
  // A runbook of one's own fails in ways that nobody could know.
  return run.plan.runbook.startsWith('openstack:')
    ? ['*What it is*  no failure that we know; what it printed says most']
    : [];
}

function lines({ title, explanation, source, waysOut }: KnownFailure): string[] {
  return [
    `*What it is*  ${plain(title, 200)}. ${plain(explanation, 900)} [${plain(source, 200)}]`,
    ...waysOut.slice(0, 6).map((way, index) => {
      const runs =
        way.runs.length === 0 ? '' : `: ${cut(few(way.runs.map((line) => code(line, 200))), 400)}`;
      return `${index === 0 ? '*Ways on*  ' : ''}${index + 1}  ${plain(way.title, 200)}${runs}${THEN[way.after]}`;
    }),
  ];
}

const THEN: Readonly<Record<KnownFailure['waysOut'][number]['after'], string>> = {
  retry: ', then *Retry*',
  skip: ', then *Skip…*',
  rollback: ': *Roll back…*',
  abort: ': *Abort…*',
};
