import { describe, expect, it } from '@jest/globals';
import {
  knownTimes,
  rollbackMs,
  runEstimate,
  usualOf,
} from '../../../../jobs/run/durations/estimates.ts';
import { type RunTimes, timesOfRun } from '../../../../jobs/run/durations/run-times.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import * as e from '../../../support/runs/events.ts';
import { type Spread, replayedPlan, replayedRun, seeded } from './replayed.ts';

const dayMs = 24 * 3_600_000;
/** Two runs of one cloud differ by a tenth, a step in them by a fifth. */
const spread: Spread = { run: 0.1, step: 0.2, host: 0.1 };

/** Twenty runs of two clouds, one of which takes half as long again, a day apart. */
function twentyRuns(seed: number): RunEvent[][] {
  const random = seeded(seed);
  return Array.from({ length: 20 }, (_, nth) =>
    replayedRun(replayedPlan(nth % 3 === 0 ? 'lab' : 'prod'), {
      run: `run${nth}`,
      pace: nth % 3 === 0 ? 1 : 1.5,
      at: Date.UTC(2026, 9, 1) + nth * dayMs,
      spread,
      random,
    }),
  );
}

const timesOf = (events: readonly RunEvent[]): RunTimes[] => {
  const times = timesOfRun(fold(events));
  return times === undefined ? [] : [times];
};

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const errorOf = (said: number, was: number): number => Math.abs(said - was) / was;

/** Each run is told by those before it alone: at a quarter, half and three quarters of its events. */
function errorsOf(runs: readonly RunEvent[][]): { end: number[]; usual: number[]; silent: number } {
  const [end, usual]: [number[], number[]] = [[], []];
  let silent = 0;
  for (const [nth, events] of runs.entries()) {
    const earlier = runs.slice(0, nth).toReversed().flatMap(timesOf);
    const whole = fold(events);
    const known = knownTimes(earlier, whole.plan.cloud);
    const endMs = Date.parse(whole.at);
    for (const share of [0.25, 0.5, 0.75]) {
      const part = events.slice(0, Math.floor(events.length * share));
      const run = fold(part);
      const nowMs = Date.parse(run.at);
      const estimate = runEstimate(run, known, nowMs);
      if (estimate === undefined) silent += 1;
      else end.push(errorOf(estimate.leftMs, endMs - nowMs));
    }
    for (const { keys, ms } of timesOf(events).flatMap(({ steps }) => steps)) {
      const id = keys[0]?.split(' ')[2] ?? '';
      const step = whole.plan.steps.find((one) => one.id === id);
      const said = step && known.usualMs({ phase: 'apply', step });
      if (said !== undefined) usual.push(...ms.map((was) => errorOf(said, was)));
    }
  }
  return { end, usual, silent };
}

describe('what earlier runs say of this one', () => {
  it.each([1, 2])('is right within a quarter in half of the cases (seed %i)', (seed) => {
    const { end, usual, silent } = errorsOf(twentyRuns(seed));

    expect(end.length).toBeGreaterThan(50);
    expect(usual.length).toBeGreaterThan(400);
    expect(median(end)).toBeLessThan(0.25);
    expect(median(usual)).toBeLessThan(0.25);
    // Of the very first run nothing is said.
    expect(silent).toBe(3);
  });

  const runs = twentyRuns(4);
  const [first = [], second = []] = runs;
  const begun = (events: readonly RunEvent[]) => {
    const at = events.findIndex(({ type }) => type === 'StepStarted');
    return fold(events.slice(0, at + 1));
  };

  it('says nothing where nothing, or too little, is known', () => {
    const run = begun(first);
    const nothing = knownTimes([], 'prod');
    const [step] = run.plan.steps;

    expect(runEstimate(run, nothing, Date.parse(run.at))).toBeUndefined();
    expect(step && usualOf(run, { phase: 'apply', step }, nothing)).toBeUndefined();
    const once = knownTimes(timesOf(second), 'prod');
    expect(step && usualOf(run, { phase: 'apply', step }, once)).toBeUndefined();
    expect(runEstimate(run, once, Date.parse(run.at))).toMatchObject({ approvals: 0, byHand: 0 });
  });

  it('says nothing of steps that it has never seen, while they are more than a tenth', () => {
    const run = begun(first);
    const other = run.plan.steps.slice(0, 20).map((step) => ({
      ...step,
      id: `x${step.id}`,
      hop: { to: 'else' },
      purpose: 'by-hand' as const,
    }));
    const steps = [...other, ...run.plan.steps.slice(20)];

    expect(
      runEstimate(
        { ...run, plan: { ...run.plan, steps } },
        knownTimes(runs.flatMap(timesOf), 'prod'),
        Date.parse(run.at),
      ),
    ).toBeUndefined();
  });

  it('knows how long a rollback takes from rollbacks alone', () => {
    const run = fold(second);
    const forwardOnly = knownTimes(runs.flatMap(timesOf), 'prod');
    expect(rollbackMs(run, forwardOnly)).toBeUndefined();

    const undone = run.plan.steps.toReversed().flatMap(({ id, hosts }) =>
      hosts.flatMap((host) => {
        const work = e.work(id, host, { phase: 'undo' });
        return [e.started(work), e.succeeded(work)];
      }),
    );
    const from = Date.parse(run.at);
    const back = [
      e.rollbackRequested(run.plan.steps[0]?.id ?? ''),
      ...undone,
      e.runEnded('rolledBack'),
    ];
    const log = [
      ...second,
      ...back.map((event, nth) => ({ ...event, at: new Date(from + nth * 1000).toISOString() })),
    ];
    const known = knownTimes([...timesOf(log), ...runs.flatMap(timesOf)], 'prod');
    // A second for each start and end of 78 pieces of work.
    const ms = rollbackMs(run, known) ?? 0;
    expect(errorOf(ms, undone.length * 1000)).toBeLessThan(0.25);
  });

  it('does not learn from what was tried again', () => {
    const work = e.work('stop');
    const plan = e.planOf(e.step('stop'));
    const again = { ...work, attempt: 2 };
    const retried = e.inOrder(
      e.requested(plan),
      e.hostReady('ctl1'),
      e.started(work),
      e.failed(work),
      e.retryRequested({ phase: 'apply', step: 'stop', hosts: ['ctl1'] }),
      e.started(again),
      e.succeeded(again),
      e.runEnded('succeeded'),
    );

    expect(timesOf(retried)).toEqual([]);
  });
});
