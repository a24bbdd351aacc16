import type { PlanStep } from '../../../jobs/run/plan.ts';
import { type UndoStep, restoredHosts, planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { type Run, stepOf } from '../../../jobs/run/run.ts';
import { hostsOfSteps } from './situation.ts';
import { stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import { rollbackPrice } from '../../../jobs/run/rollback/rollback-price.ts';
import { type KnownTimes, rollbackMs } from '../../../jobs/run/durations/estimates.ts';
import type { CardOptions } from './card-lines.ts';
import { priceLines } from '../rollback/price-lines.ts';
import {
  countText,
  durationText,
  fewNames,
  mention,
  oneLineMrkdwn,
  sentenceMrkdwn,
  timeText,
} from '../text.ts';

/** What a rollback of the run as it stands would do: how far it goes and what it undoes. Escaped. */
export function rollbackLine(run: Run, times?: KnownTimes): string {
  if (run.ended?.outcome === 'rolledBack') return 'the run is undone';
  if (run.ended === undefined && run.rollback !== undefined) return underWay(run, run.rollback.to);
  const { steps, barrier } = planRollback(run);
  const why = barrier?.exit === 'restorable' ? 'has no backup that worked' : 'is one-way';
  const wall = `*${oneLineMrkdwn(barrier?.title ?? '')}* ${why}`;
  if (steps.length === 0) {
    if (barrier !== undefined) return `not possible: ${wall}`;
    return run.ended === undefined ? 'nothing to undo yet' : 'nothing to undo';
  }
  const takes = takesText(times && rollbackMs(run, times));
  return barrier === undefined
    ? `to the start${takes}: ${undoes(steps)}`
    : `to just after *${oneLineMrkdwn(barrier.title)}*${takes}: ${undoes(steps)}; ${wall}`;
}

const takesText = (ms: number | undefined): string =>
  ms === undefined ? '' : ` in about ${durationText(ms)}`;

/** The price of a rollback that waits for its second person, and who asked for it. Escaped. */
export function proposedLines(
  run: Run,
  { now, dates, times }: Pick<CardOptions, 'now' | 'dates' | 'times'>,
): string[] {
  const { proposed } = run;
  const price = proposed === undefined ? undefined : rollbackPrice(run, proposed.to);
  if (proposed === undefined || price === undefined) return [];
  const { by, at, reason, aloneAfterMs } = proposed;
  const counted = proposed.counts?.at(-1);
  const takesMs = times && rollbackMs(run, times, proposed.to);
  const look = { now, takesMs, lost: counted?.lost, countedAt: counted?.at };
  const until = timeText(new Date(Date.parse(at) + aloneAfterMs).toISOString(), dates, now);
  const why = reason === undefined ? '' : `: ${oneLineMrkdwn(reason, 300)}`;
  return [
    `*Asked*  ${mention(by)} wants to roll back, since ${timeText(at, dates, now)}${why}`,
    ...priceLines(price, look).map((line) => sentenceMrkdwn(line, { dates, max: 400 })),
    `A second person confirms; without an answer ${mention(by)} may go alone from ${until} on, with a reason`,
  ];
}

function underWay(run: Run, to: string): string {
  const isStart = to === run.plan.steps[0]?.id;
  const goal = isStart ? 'the start' : `before *${oneLineMrkdwn(stepOf(run, to).title)}*`;
  return `under way, to ${goal}: ${undoes(planRollback(run, to).steps)}`;
}

function undoes(steps: readonly UndoStep[]): string {
  const restored = restoredHosts({ steps });
  const byPerson =
    restored.length === 0
      ? ''
      : `; *a person restores whole hosts from snapshots:* ${oneLineMrkdwn(fewNames(restored))}`;
  return `undoes ${countText(steps.length, 'step')} on ${oneLineMrkdwn(fewNames(hostsOfSteps(steps)))}${byPerson}`;
}

/** What a rollback can do once the steps behind a gate have run. Escaped. */
export function rollbackLineAfterGate(run: Run, gate: string): string {
  const steps = stepsBehindGate(run, gate);
  const oneWay = steps.filter(({ exit }) => exit === 'oneWay');
  if (oneWay.length > 0) {
    const { barrier } = planRollback(run);
    const until =
      barrier === undefined ? 'the start' : `just after *${oneLineMrkdwn(barrier.title)}*`;
    return `after ${titles(oneWay)} no rollback reaches ${until}: ${oneWay.length === 1 ? 'it is' : 'they are'} one-way`;
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
  steps.length === 0
    ? []
    : [`${titles(steps)} ${steps.length === 1 ? 'is' : 'are'} undone by ${backup}`];

const titles = (steps: readonly PlanStep[]): string =>
  fewNames(steps.map(({ title }) => `*${oneLineMrkdwn(title, 150)}*`));
