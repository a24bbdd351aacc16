import type { Button, ConfirmationDialog } from '@slack/types';
import { z } from 'zod';
import { offers, seenBy } from '../../../jobs/run/act.ts';
import { currentStep, ongoing, stuck } from '../../../jobs/run/decide.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { restoredHosts, wayBack } from '../../../jobs/run/rollback.ts';
import { type Run, hostStep, stepOf } from '../../../jobs/run/run.ts';
import { dialog } from '../dialog.ts';
import { decidable, hostsOf, stepsBehind } from './situation.ts';
import { count, few, label } from '../text.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

/**
 * What a button carries, as JSON. `seen` is the mark of the state that drew it; `step` and `host` are for the output,
 * `choice` names a way out.
 */
export const ButtonValue = z.object({
  run: z.string(),
  seen: z.string(),
  step: z.string().optional(),
  host: z.string().optional(),
  choice: z.string().optional(),
});
export type ButtonValue = z.infer<typeof ButtonValue>;

/** The buttons of the card: what may be done now, but for approvals, which stand beside the commands they are about. */
export function cardButtons(run: Run): Button[] {
  const offered = offers(run).filter((name) => name !== 'approve' && name !== 'reject');
  return [
    ...(mayAsk(run) ? [button(run, 'ask', 'Ask now')] : []),
    ...offered.map((name) => actionButton(run, name)),
    ...outputButton(run),
  ];
}

export function approvalButtons(run: Run): Button[] {
  return offers(run)
    .filter((name) => name === 'approve' || name === 'reject')
    .map((name) => actionButton(run, name));
}

/** Whether the run waits for the word of a host, so that asking it again at once makes sense. */
const mayAsk = (run: Run): boolean =>
  run.ended === undefined &&
  [...stuck(run), ...ongoing(run)].some((work) => {
    const { status, lostAt } = hostStep(run, work);
    return status === 'unknown' || lostAt !== undefined;
  });

function actionButton(run: Run, name: ActionName): Button {
  const confirm = confirmOf(run, name);
  return {
    ...button(run, name, wordsFor(run, name), seenBy(run, name)),
    ...(PRIMARY.includes(name) ? { style: 'primary' as const } : {}),
    ...(confirm === undefined ? {} : { confirm }),
  };
}

const PRIMARY: readonly ActionName[] = ['approve', 'done', 'resume'];

/** The newest work that has something to show: what is stuck, else what runs, else what ended last. */
function outputButton(run: Run): Button[] {
  const work = stuck(run)[0] ?? ongoing(run)[0] ?? lastFinished(run);
  if (work === undefined || stepOf(run, work.step).doer === 'person') return [];
  const value = { run: run.id, seen: 'any', step: work.step, host: work.host };
  return [{ ...button(run, 'log', 'Output'), value: JSON.stringify(value) }];
}

function lastFinished(run: Run): Pick<Work, 'step' | 'host'> | undefined {
  return (['apply', 'undo'] as const)
    .flatMap((phase) => Object.entries(run[phase]))
    .flatMap(([step, hosts]) =>
      Object.entries(hosts).map(([host, state]) => ({ step, host, state })),
    )
    .filter(
      ({ step, state }) =>
        stepOf(run, step).doer === 'host' && state.began && state.finishedAt !== undefined,
    )
    .toSorted((a, b) => ((a.state.finishedAt ?? '') < (b.state.finishedAt ?? '') ? -1 : 1))
    .at(-1);
}

const button = (run: Run, name: string, text: string, seen = 'any'): Button => ({
  type: 'button',
  action_id: `run.${name}`,
  text: { type: 'plain_text', text, emoji: false },
  value: JSON.stringify({ run: run.id, seen } satisfies ButtonValue),
});

function wordsFor(run: Run, name: ActionName): string {
  const works = decidable(run);
  const isUnknown =
    works.length > 0 && works.every((work) => hostStep(run, work).status === 'unknown');
  switch (name) {
    case 'approve':
      return 'Approve';
    case 'reject':
      return 'Reject…';
    case 'done':
      return 'Done…';
    case 'retry':
      return isUnknown ? "I know it didn't…" : 'Retry';
    case 'skip':
      return isUnknown ? 'I know it finished…' : 'Skip…';
    case 'pause':
      return 'Pause';
    case 'resume':
      return 'Resume';
    case 'way':
      return 'Way out…';
    case 'rollback':
      return 'Roll back…';
    case 'abort':
      return run.aborting === undefined ? 'Abort…' : 'Abort again…';
  }
}

/** What a press will do, asked before it does; none where nothing on a cloud changes by it. */
function confirmOf(run: Run, name: ActionName): ConfirmationDialog | undefined {
  switch (name) {
    case 'approve': {
      const gate = currentStep(run);
      const steps = gate === undefined ? [] : stepsBehind(run, gate.id);
      return dialog(
        'Approve?',
        `Lets run ${run.id} do ${count(steps.length, 'step')} on ${few(hostsOf(steps), 6)}: ${titles(steps)}. Plan ${run.planHash.slice(0, 6)}.`,
        'Approve',
      );
    }
    case 'retry':
      return dialog(
        'Run it again?',
        `Runs "${stuckTitle(run)}" again on ${stuckHosts(run)}.`,
        'Run it again',
      );
    case 'skip':
      return dialog(
        'Go on without it?',
        `Takes "${stuckTitle(run)}" on ${stuckHosts(run)} as dealt with, and the run ${after(run)}. You are asked for the reason.`,
        'Go on',
      );
    case 'resume':
      return dialog('Resume?', `Run ${run.id} ${goesOn(run)}.`, 'Resume');
    case 'rollback':
      return rollbackDialog(run);
    case 'abort':
      return dialog(
        'Abort?',
        `Ends what runs now${onHosts(ongoing(run))}, then the run. Nothing is undone by it; a rollback can follow.`,
        'Abort',
        'danger',
      );
    case 'reject':
    case 'pause':
    case 'way':
    case 'done':
      return undefined;
  }
}

function rollbackDialog(run: Run): ConfirmationDialog {
  const way = wayBack(run);
  const { steps, barrier } = way;
  const restored = restoredHosts(way);
  const plural = count(steps.length, 'step');
  const wall =
    barrier === undefined
      ? ''
      : ` Stays: "${label(barrier.title, 60)}" and before, ${barrier.exit === 'oneWay' ? 'it is one-way' : 'no backup of it worked'}.`;
  const what = `Undoes ${plural} on ${few(hostsOf(steps))}, last first: ${titles(steps.map(({ step }) => step))}.`;
  const byPerson =
    restored.length === 0
      ? ''
      : ` A person has to restore whole hosts from snapshots: ${label(few(restored), 80)}.`;
  const rest = `${byPerson}${wall}`;
  return dialog('Roll back?', `${label(what, 300 - rest.length)}${rest}`, 'Roll back', 'danger');
}

const titles = (steps: readonly { readonly title: string }[]): string =>
  few(steps.map(({ title }) => label(title, 60)));

const stuckTitle = (run: Run): string => {
  const [work] = decidable(run);
  return work === undefined ? '' : label(stepOf(run, work.step).title, 80);
};

const stuckHosts = (run: Run): string => few(decidable(run).map(({ host }) => host));

const onHosts = (works: readonly Work[]): string =>
  works.length === 0 ? '' : ` on ${few([...new Set(works.map(({ host }) => host))])}`;

/** What a decision about stuck work leads to. */
function after(run: Run): string {
  if (run.aborting !== undefined) return 'ends';
  if (run.paused !== undefined) return 'stays paused';
  return run.rollback === undefined ? 'goes on' : 'goes on rolling back';
}

function goesOn(run: Run): string {
  if (run.rollback !== undefined) return 'goes on rolling back';
  const step = currentStep(run);
  return step === undefined ? 'ends' : `goes on from "${label(step.title, 80)}"`;
}
