import type { Button, ConfirmationDialog } from '@slack/types';
import { offeredActions, stateMark } from '../../../jobs/run/act.ts';
import { ongoingWork, stuckWork } from '../../../jobs/run/decide.ts';
import { currentStep } from '../../../jobs/run/standing.ts';
import { type KnownTimes, rollbackMs } from '../../../jobs/run/durations/estimates.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { restoredHosts, planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { rollbackDemand } from '../../../jobs/run/rollback/rollback-demand.ts';
import { rollbackPrice } from '../../../jobs/run/rollback/rollback-price.ts';
import { priceTitle } from '../rollback/price-lines.ts';
import { type Run, hostStep, stepOf } from '../../../jobs/run/run.ts';
import type { ButtonValue } from '../button-value.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import { confirmDialog } from '../dialog.ts';
import { outputValue } from '../output/output-modal.ts';
import { lookActions } from '../reading/paged-modal.ts';
import { fixButtons } from './known-failure.ts';
import { decidableWork, hostsOfSteps } from './situation.ts';
import { stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import { countText, durationText, fewNames, plainLabel, timeText, withFullStop } from '../text.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

interface ButtonLook {
  readonly recognise?: RecogniseFailure | undefined;
  readonly times?: KnownTimes | undefined;
}

/** What may be done now, but for approvals, which stand beside the commands they are about. What helps most stands first. */
export function cardButtons(run: Run, { recognise, times }: ButtonLook = {}): Button[] {
  const offered = offeredActions(run).filter((name) => name !== 'approve' && name !== 'reject');
  const all = [
    ...(mayAsk(run) ? [button(run, 'ask', 'Ask now')] : []),
    ...offered.map((name) => actionButton(run, name, times)),
    ...fixButtons(run, recognise),
    ...outputButton(run),
  ];
  if (all.length <= mostButtons) return all;
  const order = isAllUnknown(run) ? FIRST_UNKNOWN : FIRST;
  const firstFix = all.find(({ action_id: id = '' }) => id.startsWith('run.fix'))?.action_id;
  const rank = ({ action_id: id = '' }: Button): number => {
    const found = order.indexOf(id === firstFix ? 'run.fix' : id);
    return found === -1 ? order.length : found;
  };
  return all.toSorted((a, b) => rank(a) - rank(b));
}

/** Those that the card itself shows: four at most, the last of which opens the others. */
export function shownButtons(run: Run, look: ButtonLook = {}): Button[] {
  const all = cardButtons(run, look);
  return all.length <= mostButtons ? all : [...all.slice(0, mostButtons - 1), moreButton(run)];
}

const mostButtons = 4;

const FIRST = [
  'run.ask',
  'run.confirm',
  'run.decline',
  'run.done',
  'run.resume',
  'run.retry',
  'run.fix',
  'run.rollback',
  lookActions.output,
];
const FIRST_UNKNOWN = ['run.ask', 'run.skip', 'run.retry'];

/** Those that the card has no room for. */
export function moreButtons(run: Run, look: ButtonLook = {}): Button[] {
  const all = cardButtons(run, look);
  return all.length <= mostButtons ? [] : all.slice(mostButtons - 1);
}

const moreButton = (run: Run): Button => ({
  ...button(run, 'more', 'More…'),
  action_id: lookActions.more,
  value: JSON.stringify({ run: run.id, seen: 'more', step: 'any' }),
});

export const approvalButtons = (run: Run): Button[] =>
  offeredActions(run)
    .filter((name) => name === 'approve' || name === 'reject')
    .map((name) => actionButton(run, name));

/** Whether the run waits for the word of a host, so that asking it again at once makes sense. */
const mayAsk = (run: Run): boolean =>
  run.ended === undefined &&
  [...stuckWork(run), ...ongoingWork(run)].some((work) => {
    const { status, lostAt } = hostStep(run, work);
    return status === 'unknown' || lostAt !== undefined;
  });

function actionButton(run: Run, name: ActionName, times?: KnownTimes): Button {
  const confirm = confirmOf(run, name);
  const { phrase, people } =
    name === 'rollback' ? rollbackDemand(run, planRollback(run)) : { people: 1 };
  // Its window names the price, and takes a reason and what has to be typed.
  const asked = people === 2 ? (phrase ?? '') : phrase;
  return {
    ...button(
      run,
      name,
      `${wordsFor(run, name)}${takesText(run, name, times)}`,
      stateMark(run, name),
      asked,
    ),
    ...(PRIMARY.includes(name) ? { style: 'primary' as const } : {}),
    ...(confirm === undefined || asked !== undefined ? {} : { confirm }),
  };
}

const PRIMARY: readonly ActionName[] = ['approve', 'confirm', 'done', 'resume'];

/** The newest work that has something to show: what is stuck, else what runs, else what ended last. */
function outputButton(run: Run): Button[] {
  const work = stuckWork(run)[0] ?? ongoingWork(run)[0] ?? lastFinished(run);
  if (work === undefined || stepOf(run, work.step).doer === 'person') return [];
  const value = outputValue(run, { ...work, query: '' });
  return [
    {
      ...button(run, 'log', 'Output'),
      action_id: lookActions.output,
      value: JSON.stringify(value),
    },
  ];
}

function lastFinished(run: Run): Pick<Work, 'phase' | 'step' | 'host'> | undefined {
  return (['apply', 'undo'] as const)
    .flatMap((phase) => Object.entries(run[phase]).map(([step, hosts]) => ({ phase, step, hosts })))
    .flatMap(({ phase, step, hosts }) =>
      Array.from(hosts, ([host, state]) => ({ phase, step, host, state })),
    )
    .filter(
      ({ step, state }) =>
        stepOf(run, step).doer === 'host' && state.began && state.finishedAt !== undefined,
    )
    .toSorted((a, b) => ((a.state.finishedAt ?? '') < (b.state.finishedAt ?? '') ? -1 : 1))
    .at(-1);
}

const button = (run: Run, name: string, text: string, seen = 'any', choice?: string): Button => ({
  type: 'button',
  action_id: `run.${name}`,
  text: { type: 'plain_text', text, emoji: false },
  value: JSON.stringify({
    run: run.id,
    seen,
    ...(choice !== undefined && { choice }),
  } satisfies ButtonValue),
});

function takesText(run: Run, name: ActionName, times: KnownTimes | undefined): string {
  const ms = name === 'rollback' && times !== undefined ? rollbackMs(run, times) : undefined;
  return ms === undefined ? '' : ` ${durationText(ms)}`;
}

function isAllUnknown(run: Run): boolean {
  const works = decidableWork(run);
  return works.length > 0 && works.every((work) => hostStep(run, work).status === 'unknown');
}

function wordsFor(run: Run, name: ActionName): string {
  const isUnknown = isAllUnknown(run);
  switch (name) {
    case 'approve':
      return 'Approve…';
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
    case 'fix':
      return 'Fix…';
    case 'rollback':
      return 'Roll back…';
    case 'confirm':
      return 'Confirm rollback…';
    case 'decline':
      return 'Keep going';
    case 'abort':
      return run.aborting === undefined ? 'Abort…' : 'Abort again…';
  }
}

/** What a press will do, asked before it does; none where nothing on a cloud changes by it. */
function confirmOf(run: Run, name: ActionName): ConfirmationDialog | undefined {
  switch (name) {
    case 'approve': {
      const gate = currentStep(run);
      const steps = gate === undefined ? [] : stepsBehindGate(run, gate.id);
      return confirmDialog(
        'Approve?',
        `Lets run ${run.id} do ${countText(steps.length, 'step')} on ${fewNames(hostsOfSteps(steps), 6)}: ${withFullStop(titles(steps))} Plan ${run.planHash.slice(0, 6)}.`,
        'Approve',
      );
    }
    case 'retry':
      return confirmDialog(
        'Run it again?',
        `Runs "${stuckTitle(run)}" again on ${stuckHosts(run)}.`,
        'Run it again',
      );
    case 'skip':
      return confirmDialog(
        'Go on without it?',
        `Takes "${stuckTitle(run)}" on ${stuckHosts(run)} as done, and the run ${after(run)}. You are asked for the reason.`,
        'Go on',
      );
    case 'resume':
      return confirmDialog('Resume?', `Run ${run.id} ${goesOn(run)}.`, 'Resume');
    case 'rollback':
      return rollbackDialog(run);
    case 'confirm':
      return rollbackDialog(run, run.proposed?.to);
    case 'abort':
      return confirmDialog(
        'Abort?',
        `Stops what runs now${onHosts(ongoingWork(run))}, then ends the run. It undoes nothing; you can roll back afterwards.`,
        'Abort',
        'danger',
      );
    case 'decline':
    case 'reject':
    case 'pause':
    case 'fix':
    case 'done':
      return undefined;
  }
}

/** The price in what a dialog takes: 300 characters, what is lost first. */
function rollbackDialog(run: Run, to?: string): ConfirmationDialog {
  const way = planRollback(run, to);
  const { steps, barrier } = way;
  const price = rollbackPrice(run, to);
  const isForTwo = to === undefined && price?.demand.people === 2;
  const restored = restoredHosts(way);
  const wall =
    barrier === undefined
      ? ''
      : ` "${plainLabel(barrier.title, 60)}" and what came before it stay: ${barrier.exit === 'oneWay' ? 'it is one-way' : 'no backup of it worked'}.`;
  const lost =
    price?.lostSince === undefined
      ? ''
      : `${plainLabel(fewNames(price.databases.flatMap(({ names }) => names)), 70)} go back to the backup of ${timeText(price.lostSince, 'plain')}; what was written since is lost. `;
  const what = `Undoes ${countText(steps.length, 'step')} on ${plainLabel(fewNames(hostsOfSteps(steps)), 60)}, last first.`;
  const byPerson =
    restored.length === 0
      ? ''
      : ` A person has to restore whole hosts from snapshots: ${plainLabel(fewNames(restored), 60)}.`;
  return confirmDialog(
    plainLabel(price === undefined ? 'Roll back?' : priceTitle(run.plan.cloud, price), 100),
    `${lost}${what}${byPerson}${wall}${isForTwo ? ' A second person confirms.' : ''}`,
    isForTwo ? 'Ask for it' : 'Roll back',
    'danger',
  );
}

const titles = (steps: readonly { readonly title: string }[]): string =>
  fewNames(steps.map(({ title }) => plainLabel(title, 60)));

const stuckTitle = (run: Run): string => {
  const [work] = decidableWork(run);
  return work === undefined ? '' : plainLabel(stepOf(run, work.step).title, 80);
};

const stuckHosts = (run: Run): string => fewNames(decidableWork(run).map(({ host }) => host));

const onHosts = (works: readonly Work[]): string =>
  works.length === 0 ? '' : ` on ${fewNames([...new Set(works.map(({ host }) => host))])}`;

/** What a decision about stuck work leads to. */
function after(run: Run): string {
  if (run.aborting !== undefined) return 'ends';
  if (run.paused !== undefined) return 'stays paused';
  return run.rollback === undefined ? 'goes on' : 'goes on rolling back';
}

function goesOn(run: Run): string {
  if (run.rollback !== undefined) return 'goes on rolling back';
  const step = currentStep(run);
  return step === undefined ? 'ends' : `goes on from "${plainLabel(step.title, 80)}"`;
}
