import { describe, expect, it } from '@jest/globals';
import { stateMark } from '../../../jobs/run/act.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  gateApproved,
  failed,
  paused,
  personAsked,
  planOf,
  proofGiven,
  readyRun,
  rejected,
  resumed,
  retryRequested,
  skipRequested,
  started,
  step,
  succeeded,
  work,
} from '../../support/runs/events.ts';
import {
  ben,
  chie,
  dan,
  hostsPlan,
  personPlan,
  workHere,
  workThere,
  stuckEvent,
  runningState,
  pressOn,
  runStates,
} from '../../support/runs/run-states.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

const already = (by: string, second: number, rest: string) => ({
  refused: 'already',
  reason: `${by} did that already, at ${after(second)}. ${rest}`,
  people: [by],
});

const stale = (before: Run, now: Run, name: ActionName) =>
  pressOn(now, ben, name, { seen: stateMark(before, name), text: 'because' });

describe('a press that comes too late', () => {
  const is = 'Run 7f3a12 is';

  it('learns who was faster, and where the run stands now', () => {
    // The request and two hosts are the first three seconds; approval is asked for and given in the next two.
    expect(pressOn(runningState(), ben, 'approve')).toEqual(already('UBEN', 4, `${is} running.`));
    expect(pressOn(runningState(), ben, 'reject', { text: 'no' })).toEqual({
      refused: 'stale',
      reason: `${is} running.`,
    });
    expect(pressOn(runStates.paused, dan, 'pause')).toEqual(already('UBEN', 6, `${is} paused.`));
    expect(pressOn(runningState(paused(), resumed('UCHIE')), dan, 'resume')).toEqual(
      already('UCHIE', 6, `${is} running.`),
    );
    expect(pressOn(runStates.aborting, dan, 'abort')).toEqual(
      already('UBEN', 6, `${is} being aborted.`),
    );
    expect(pressOn(runStates.rollingBack, dan, 'rollback')).toEqual(
      already('UBEN', 7, `${is} rolling back.`),
    );
    const decided = [started(workHere), failed(workHere)];
    expect(
      pressOn(runningState(...decided, retryRequested(stuckEvent(['ctl1']))), dan, 'retry'),
    ).toEqual(already('UBEN', 7, `${is} running.`));
    const skipped = runningState(
      ...decided,
      skipRequested(stuckEvent(['ctl1']), 'by hand', 'UCHIE'),
    );
    expect(pressOn(skipped, dan, 'skip', { text: 'no' })).toEqual(
      already('UCHIE', 7, `${is} running.`),
    );
    const proven = readyRun(
      personPlan,
      approvalRequested('look'),
      gateApproved('look', personPlan),
      personAsked(work('look')),
      proofGiven(work('look'), 'seen', 'UCHIE'),
    );
    expect(pressOn(proven, dan, 'done', { text: 'seen' })).toEqual(
      already('UCHIE', 5, `${is} running.`),
    );
  });

  it('is not told of a press that was about something else', () => {
    const later = planOf(step('one'), step('two', { gate: 1 }));
    const atGate = readyRun(
      later,
      approvalRequested('one'),
      gateApproved('one', later),
      started(workHere),
      succeeded(workHere),
      approvalRequested('two'),
      paused(),
    );
    expect(pressOn(atGate, chie, 'approve')).toEqual({ refused: 'stale', reason: `${is} paused.` });
    expect(pressOn(runningState(paused(), resumed(), abortRequested()), dan, 'resume')).toEqual({
      refused: 'stale',
      reason: `${is} being aborted.`,
    });
  });

  it('is told how a run ended', () => {
    expect(pressOn(runStates.succeeded, dan, 'pause')).toEqual({
      refused: 'stale',
      reason: 'Run 7f3a12 ended: succeeded.',
    });
  });
});

describe('a press on an old button', () => {
  const refused = { refused: 'stale', reason: expect.stringContaining('earlier state of the run') };

  it('is refused where what it was about has changed', () => {
    const fails = [started(workHere), failed(workHere)];
    const again = work('one', 'ctl1', { attempt: 2 });
    const twice = runningState(
      ...fails,
      retryRequested(stuckEvent(['ctl1'])),
      started(again),
      failed(again),
    );
    const both = runningState(...fails, started(workThere), failed(workThere));
    for (const name of ['retry', 'skip'] as const) {
      expect(stale(runStates.failed, twice, name)).toMatchObject(refused);
      expect(stale(runStates.failed, both, name)).toMatchObject(refused);
      expect(stale(runStates.silent, runStates.failed, name)).toMatchObject(refused);
    }
    const further = runningState(
      started(workHere),
      started(workThere),
      succeeded(workHere),
      succeeded(workThere),
    );
    const next = runningState(
      started(workHere),
      succeeded(workHere),
      started(workThere),
      succeeded(workThere),
      started(work('two')),
    );
    expect(stale(further, next, 'rollback')).toMatchObject(refused);
    expect(
      stale(runStates.paused, runningState(paused(), resumed(), paused()), 'resume'),
    ).toMatchObject(refused);
    expect(stale(runStates.running, runStates.outlived, 'abort')).toMatchObject(refused);
  });

  it('is refused at a gate that was asked for anew, or for another plan', () => {
    const anew = readyRun(
      hostsPlan,
      approvalRequested('one'),
      rejected('one', 'no'),
      resumed(),
      approvalRequested('one'),
    );
    expect(stale(runStates.asking, anew, 'approve')).toMatchObject(refused);
    const other = planOf(step('one', { hosts: ['ctl1', 'cmp1'] }), step('three'));
    const same = readyRun(other, approvalRequested('one'));
    expect(stale(runStates.asking, same, 'approve')).toMatchObject(refused);
  });

  it('still works where it has not', () => {
    const moved = runningState(started(workHere), failed(workHere), started(workThere));
    expect(stale(runStates.failed, moved, 'retry')).toMatchObject({
      event: { type: 'RetryRequested', step: 'one', hosts: ['ctl1'] },
    });
    expect(stale(runStates.running, runStates.failed, 'pause')).toHaveProperty('event');
    expect(stale(runStates.running, runStates.paused, 'abort')).toHaveProperty('event');
  });

  it('tells apart any number of hosts by a mark that fits into a button', () => {
    const hosts = Array.from({ length: 300 }, (_, n) => `compute-host-${n}`);
    const many = planOf(step('one', { hosts }));
    const all = (count: number) =>
      readyRun(
        many,
        approvalRequested('one'),
        gateApproved('one', many),
        ...hosts
          .slice(0, count)
          .flatMap((host) => [started(work('one', host)), failed(work('one', host))]),
      );
    expect(stateMark(all(299), 'retry')).not.toBe(stateMark(all(300), 'retry'));
    expect(stateMark(all(300), 'retry').length).toBeLessThan(100);
  });
});
