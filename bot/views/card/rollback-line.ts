import type { PlanStep } from '../../../jobs/run/plan.ts';
import { type UndoStep, restoredHosts, planRollback } from '../../../jobs/run/rollback.ts';
import { type Run, stepOf } from '../../../jobs/run/run.ts';
import { hostsOfSteps, stepsBehindGate } from './situation.ts';
import { countText, fewNames, oneLineMrkdwn } from '../text.ts';

/** How to get out of a run as it stands: where a rollback would lead and what it would undo. Escaped. */
export function rollbackLine(run: Run): string {
  if (run.ended?.outcome === 'rolledBack') return 'the run is undone';
  if (run.ended === undefined && run.rollback !== undefined) return underWay(run, run.rollback.to);
  const { steps, barrier } = planRollback(run);
  const why = barrier?.exit === 'restorable' ? 'has no backup that worked' : 'is one-way';
  const wall = `*${oneLineMrkdwn(barrier?.title ?? '')}* ${why}`;
  if (steps.length === 0) {
    if (barrier !== undefined) return `no way back: ${wall}`;
    return run.ended === undefined ? 'nothing to undo yet' : 'nothing to undo';
  }
  return barrier === undefined
    ? `back to the start: ${undoes(steps)}`
    : `back to just after *${oneLineMrkdwn(barrier.title)}*: ${undoes(steps)}; ${wall}`;
}

function underWay(run: Run, to: string): string {
  const isStart = to === run.plan.steps[0]?.id;
  const goal = isStart ? 'the start' : `before *${oneLineMrkdwn(stepOf(run, to).title)}*`;
  return `under way, back to ${goal}: ${undoes(planRollback(run, to).steps)}`;
}

function undoes(steps: readonly UndoStep[]): string {
  const restored = restoredHosts({ steps });
  const byPerson =
    restored.length === 0
      ? ''
      : `; *a person restores whole hosts from snapshots:* ${oneLineMrkdwn(fewNames(restored))}`;
  return `undoes ${countText(steps.length, 'step')} on ${oneLineMrkdwn(fewNames(hostsOfSteps(steps)))}${byPerson}`;
}

/** The way out once the steps behind a gate have run. Escaped. */
export function rollbackLineAfterGate(run: Run, gate: string): string {
  const steps = stepsBehindGate(run, gate);
  const oneWay = steps.filter(({ exit }) => exit === 'oneWay');
  if (oneWay.length > 0) {
    const { barrier } = planRollback(run);
    const until =
      barrier === undefined ? 'the start' : `just after *${oneLineMrkdwn(barrier.title)}*`;
    return `after ${titles(oneWay)} there is no way back to ${until}: ${oneWay.length === 1 ? 'it is' : 'they are'} one-way`;
  }
  const restorable = steps.filter(({ exit }) => exit === 'restorable');
  if (restorable.length === 0) return 'every step can be undone';
  const [ofHosts, ofData] = [true, false].map((isOfHosts) =>
    restorable.filter(({ restoredBy }) => (restoredBy === 'hosts') === isOfHosts),
  );
  return [
    ...over(ofData, 'a backup of this run'),
    ...over(ofHosts, 'snapshots of whole hosts, which a person restores'),
    'the rest can be undone',
  ].join('; ');
}

const over = (steps: readonly PlanStep[] = [], backup: string): string[] =>
  steps.length === 0 ? [] : [`the way back from ${titles(steps)} leads over ${backup}`];

const titles = (steps: readonly PlanStep[]): string =>
  fewNames(steps.map(({ title }) => `*${oneLineMrkdwn(title, 150)}*`));
