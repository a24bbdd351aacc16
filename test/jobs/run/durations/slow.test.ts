import { describe, expect, it } from '@jest/globals';
import { runStanding } from '../../../../jobs/run/act.ts';
import { knownTimes } from '../../../../jobs/run/durations/estimates.ts';
import { likenessKeys } from '../../../../jobs/run/durations/run-times.ts';
import { isOverUsual, slowNews } from '../../../../jobs/run/durations/slow.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { evolve, fold } from '../../../../jobs/run/fold.ts';
import { needsOf, openNeeds } from '../../../../jobs/run/needs/needs.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(e.step('sync', { hosts: ['ctl1', 'cmp1'], batch: 1 }), e.step('start'));
const [step] = plan.steps;
/** Runs in which a turn of the sync took a minute, forward and back. */
const known = knownTimes(
  [
    {
      run: 'earlier',
      cloud: 'staging',
      at: e.after(0),
      pauses: [],
      steps: (['apply', 'undo'] as const).flatMap((phase) =>
        step === undefined ? [] : [{ keys: [...likenessKeys(step, phase)], ms: [60_000, 60_000] }],
      ),
    },
  ],
  'staging',
);
const begun = [e.requested(plan), e.hostReady('ctl1'), e.hostReady('cmp1')];
const [first, second] = [e.work('sync', 'ctl1'), e.work('sync', 'cmp1')];
const running = [...begun, e.atSecond(100, e.started(first))];
const newsAfter = (seconds: number, events: readonly RunEvent[] = running) =>
  slowNews(fold(events), known, e.after(seconds));
const slowOn = (host: string): RunEvent => e.foundSlow('sync', { hosts: [host], usualMs: 60_000 });
const slow = e.atSecond(221, slowOn('ctl1'));

describe('a step that takes over twice its usual time', () => {
  it('is noted once an attempt, and again of the next', () => {
    expect(newsAfter(220)).toBeUndefined();
    expect(newsAfter(221)).toEqual(slow);
    expect(newsAfter(900, [...running, slow])).toBeUndefined();

    const again = e.work('sync', 'ctl1', { attempt: 2 });
    const stuck = { phase: 'apply' as const, step: 'sync', hosts: ['ctl1'] };
    const retried = [
      ...running,
      slow,
      e.atSecond(300, e.failed(first)),
      e.atSecond(301, e.retryRequested(stuck)),
      e.atSecond(302, e.started(again)),
    ];
    expect(newsAfter(422, retried)).toBeUndefined();
    expect(newsAfter(423, retried)).toMatchObject({ hosts: ['ctl1'], usualMs: 60_000 });
  });

  it('is nothing where it is over in a moment, or nothing is known', () => {
    expect(isOverUsual(4000, 13_000)).toBe(false);
    expect(isOverUsual(4000, 14_001)).toBe(true);
    expect(slowNews(fold(running), knownTimes([], 'staging'), e.after(9000))).toBeUndefined();
  });

  it.each<[string, RunEvent[]]>([
    ['has ended', [e.succeeded(first)]],
    ['is on a host that does not answer', [e.linkWasLost(first)]],
    ['is stopped by an abort', [e.abortRequested()]],
    ['is stopped by a rollback', [e.rollbackRequested('sync')]],
  ])('is not noted of what %s', (_what, events) => {
    const late = events.map((event) => e.atSecond(110, event));
    expect(newsAfter(900, [...running, ...late])).toBeUndefined();
  });

  it('is noted of what a rollback undoes', () => {
    const undo = e.work('sync', 'ctl1', { phase: 'undo' });
    const back = [
      ...running,
      e.atSecond(130, e.succeeded(first)),
      e.atSecond(140, e.rollbackRequested('sync')),
      e.atSecond(150, e.started(undo)),
    ];
    expect(newsAfter(271, back)).toMatchObject({ phase: 'undo', hosts: ['ctl1'] });
  });

  it('wakes people once for all hosts of the step, until it ends or somebody ends it', () => {
    const needs = (...events: RunEvent[]) =>
      needsOf([...running, slow, ...events]).map(({ key, settled }) => [key, settled?.by]);
    const key = 'slow.apply.sync.1';
    expect(needs()).toEqual([[key, undefined]]);
    const done = e.atSecond(230, e.succeeded(first));
    expect(needsOf([...running, slow, done])).toMatchObject([{ settled: { at: e.after(230) } }]);
    expect(needs(e.atSecond(230, e.abortRequested('UDAN')))).toEqual([[key, 'UDAN']]);
    const next = [e.atSecond(231, e.started(second)), e.atSecond(352, slowOn('cmp1'))];
    expect(needs(done, ...next)).toEqual([[key, undefined]]);
  });

  it('is said where people ask how the run stands, as long as it is so', () => {
    const run = fold([...running, slow]);
    expect(runStanding(run)).toBe(
      'Run 7f3a12 is running; "sync" takes over twice its usual time on ctl1.',
    );
    const after = evolve(run, e.atSecond(230, e.succeeded(first)));
    expect(runStanding(after)).toBe('Run 7f3a12 is running.');
    expect(openNeeds(after)).toEqual([]);
  });
});
