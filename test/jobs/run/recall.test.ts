import { describe, expect, it } from '@jest/globals';
import { decide } from '../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { executionId } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import { lostWork } from '../../../jobs/run/recall.ts';
import { type Run, attemptOf, hostStep } from '../../../jobs/run/run.ts';
import * as e from '../../support/runs/events.ts';

const both = ['ctl1', 'cmp1'];
const steps = ['one', 'two', 'three'].map((id) => e.step(id, { hosts: both }));
const plan = e.planOf(...steps);
const one = e.work('one');
const onCmp1 = (step: string) => e.work(step, 'cmp1');

/** The log as it stood when Redis came back: `one` runs on both hosts. */
const leftOver = (of = plan): readonly RunEvent[] => [
  e.requested(of),
  ...both.map((host) => e.hostReady(host)),
  e.approvalRequested('one'),
  e.gateApproved('one', of),
  e.started(one),
  e.started(onCmp1('one')),
  { type: 'StoreRestarted', at: e.after(1), store: 'another' },
];
const told = (host: string, rest: object = {}): RunEvent => ({
  type: 'HostRecalled',
  at: e.after(2),
  host,
  begun: [],
  ...rest,
});
const after = (events: readonly RunEvent[]): Run => fold(e.inOrder(...events));
const statusOf = (run: Run, step: string, host = 'ctl1') =>
  hostStep(run, { phase: 'apply', step, host }).status;
/** `one` is settled on both hosts: on ctl1 by a person, as it is unknown there. */
const settled: readonly RunEvent[] = [
  { ...e.outcomeUnknown(one), forgotten: true },
  e.succeeded(onCmp1('one')),
  e.skipRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] }, 'it is done'),
];
const starts = (run: Run) =>
  decide(run).flatMap((next) =>
    next.do === 'start' ? [`${next.work.step} on ${next.work.host}`] : [],
  );

describe('a host that lost what it knew while Redis lost its end', () => {
  it('begins nothing by itself that may have begun there', () => {
    const run = after([...leftOver(), told('ctl1', { lost: one }), told('cmp1'), ...settled]);

    expect(statusOf(run, 'two')).toBe('unknown');
    expect(hostStep(run, e.work('two')).evidence).toBe(
      'Redis lost the last events, and ctl1 knows nothing of one, which had begun there: so this may have begun as well',
    );
    expect(starts(run)).not.toContain('two on ctl1');
    expect(statusOf(run, 'three')).toBe('pending');
  });

  it('begins it where a person says so, as none of the attempts that may have begun', () => {
    const retry = e.retryRequested({ phase: 'apply', step: 'two', hosts: ['ctl1'] });
    const run = after([
      ...leftOver(),
      told('ctl1', { lost: one }),
      told('cmp1'),
      ...settled,
      e.started(onCmp1('two')),
      e.succeeded(onCmp1('two')),
      retry,
    ]);

    expect(starts(run)).toEqual(['two on ctl1']);
    // The second attempt, with a number that none had which was lost.
    const state = hostStep(run, e.work('two'));
    expect([attemptOf(state), state.attempt > 10]).toEqual([2, true]);
  });

  it('begins it with other numbers each time, as the retry may be lost as well', () => {
    const retry = e.retryRequested({ phase: 'apply', step: 'two', hosts: ['ctl1'] });
    const known = [...leftOver(), told('ctl1', { lost: one }), told('cmp1'), ...settled];
    const two = [e.started(onCmp1('two')), e.succeeded(onCmp1('two'))];
    const run = after([...known, ...two]);
    const numbers = [60, 61].map(
      (second) => hostStep(evolve(run, e.atSecond(second, retry)), e.work('two')).attempt,
    );
    expect(new Set(numbers).size).toBe(2);
    expect(numbers[1]! - numbers[0]!).toBeGreaterThanOrEqual(10);
  });

  it('asks about what is behind a gate once that was approved', () => {
    const [first, ...rest] = steps;
    if (first === undefined) throw new Error('no steps');
    const gated = e.planOf(first, ...rest.map((step) => ({ ...step, gate: 1 })));
    const atGate = [...leftOver(gated), told('ctl1', { lost: one }), told('cmp1'), ...settled];

    expect(statusOf(after(atGate), 'two')).toBe('pending');
    const run = after([...atGate, e.approvalRequested('two'), e.gateApproved('two', gated)]);
    expect(statusOf(run, 'two')).toBe('unknown');
    expect(statusOf(run, 'two', 'cmp1')).toBe('pending');
  });

  it('asks about each step, until a person has one begun again', () => {
    const known = [...leftOver(), told('ctl1', { lost: one }), told('cmp1'), ...settled];
    const two = [e.started(onCmp1('two')), e.succeeded(onCmp1('two'))];
    const place = { phase: 'apply' as const, step: 'two', hosts: ['ctl1'] };
    const isDone = after([...known, ...two, e.skipRequested(place, 'it is done')]);
    expect(statusOf(isDone, 'three')).toBe('unknown');

    const { attempt } = hostStep(after([...known, ...two, e.retryRequested(place)]), e.work('two'));
    const again = e.work('two', 'ctl1', { attempt });
    const retried = [e.retryRequested(place), e.started(again), e.succeeded(again)];
    const run = after([...known, ...two, ...retried]);
    // Not the attempt that may have begun already.
    expect(starts(run)).toContain('three on ctl1');
    const three = hostStep(run, e.work('three'));
    expect([attemptOf(three), three.attempt > 10]).toEqual([1, true]);
  });

  it('undoes nothing by itself that may be undone already', () => {
    const wentBack = [...leftOver(), told('ctl1', { lost: one }), told('cmp1'), ...settled];
    const stopped = e.stopped(e.work('two'));
    const run = after([...wentBack, e.rollbackRequested('one'), stopped]);

    expect(hostStep(run, { phase: 'undo', step: 'one', host: 'ctl1' }).status).toBe('unknown');
    expect(hostStep(run, { phase: 'undo', step: 'one', host: 'cmp1' }).status).toBe('pending');
    expect(starts(run)).toEqual(['one on cmp1']);
  });
});

describe('what a host has lost', () => {
  const run = after(leftOver());
  const idOf = (step: string) => executionId(run.id, e.work(step));

  it('is the last that the log has begun there, where the host does not know it', () => {
    expect(lostWork(run, 'ctl1', [])).toEqual(one);
    expect(lostWork(run, 'ctl1', [idOf('two')])).toEqual(one);
  });

  it('is nothing where the host knows that, whatever went before it', () => {
    expect(lostWork(run, 'ctl1', [idOf('one')])).toBeUndefined();
    const later = after([
      ...leftOver(),
      told('ctl1'),
      told('cmp1'),
      e.succeeded(one),
      e.succeeded(onCmp1('one')),
      e.started(e.work('two')),
    ]);
    expect(lostWork(later, 'ctl1', [idOf('two')])).toBeUndefined();
  });

  it('is an undo where a rollback has begun there', () => {
    const undo = e.work('one', 'ctl1', { phase: 'undo' });
    const done = [e.succeeded(one), e.succeeded(onCmp1('one')), e.rollbackRequested('one')];
    const back = after([...leftOver(), told('ctl1'), told('cmp1'), ...done, e.started(undo)]);

    expect(lostWork(back, 'ctl1', [idOf('one')])).toEqual(undo);
    expect(lostWork(back, 'ctl1', [executionId(run.id, undo)])).toBeUndefined();
    expect(lostWork(back, 'cmp1', [])).toEqual(onCmp1('one'));
  });

  it('is the attempt before the one that was asked for', () => {
    const failed = e.failed(one);
    const retry = e.retryRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] });
    const asked = after([...leftOver(), told('ctl1'), told('cmp1'), failed, retry]);

    expect(lostWork(asked, 'ctl1', [])).toEqual(one);
    expect(lostWork(asked, 'ctl1', [idOf('one')])).toBeUndefined();
  });

  it('is nothing where nothing has begun', () => {
    expect(lostWork(after(leftOver().slice(0, 5)), 'ctl1', [])).toBeUndefined();
  });
});
