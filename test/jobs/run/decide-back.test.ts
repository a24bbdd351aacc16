import { describe, expect, it } from '@jest/globals';
import { approvalsNeeded, decide, stuckWork } from '../../../jobs/run/decide.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { stepOf } from '../../../jobs/run/run.ts';
import {
  doneEvents,
  twoStepPlan,
  computesPlan,
  approvedRun,
  startDecision,
  workOnHost,
  undoWork,
} from '../../support/runs/compute-runs.ts';
import {
  abortRequested,
  approvalRequested,
  gateApproved,
  failed,
  personAsked,
  planOf,
  readyRun,
  requested,
  resumed,
  retryRequested,
  rewound,
  rollbackRequested,
  runEnded,
  started,
  step,
  stopped,
  unchanged,
  outcomeUnknown,
  work,
} from '../../support/runs/events.ts';

const alive = [{ pid: 7, command: 'apt-get' }];
const stop = (of: Work) => ({ do: 'stop', work: of });

describe('an abort', () => {
  const two = [started(workOnHost('cmp1')), started(workOnHost('cmp2'))];

  it('stops what runs, and ends only when all of it is gone', () => {
    const of = computesPlan();
    expect(decide(approvedRun(of, ...two, abortRequested()))).toEqual([
      stop(workOnHost('cmp1')),
      stop(workOnHost('cmp2')),
    ]);
    expect(decide(approvedRun(of, ...two, abortRequested(), stopped(workOnHost('cmp1'))))).toEqual([
      stop(workOnHost('cmp2')),
    ]);
    const gone = [stopped(workOnHost('cmp1')), stopped(workOnHost('cmp2'))];
    expect(decide(approvedRun(of, ...two, abortRequested(), ...gone))).toEqual([
      { do: 'end', outcome: 'aborted' },
    ]);
  });

  it('waits for a person where something outlived it, and another abort tries again', () => {
    const events = [started(work('one')), abortRequested(), stopped(work('one'), alive)];
    const run = approvedRun(twoStepPlan, ...events);
    expect(decide(run)).toEqual([]);
    expect(stuckWork(run)).toEqual([work('one')]);
    expect(decide(approvedRun(twoStepPlan, ...events, abortRequested()))).toEqual([
      stop(work('one')),
    ]);
  });

  it('makes sure also of what is unknown, and of what runs back', () => {
    expect(
      decide(
        approvedRun(
          twoStepPlan,
          started(work('one')),
          outcomeUnknown(work('one')),
          abortRequested(),
        ),
      ),
    ).toEqual([stop(work('one'))]);
    const back = [...doneEvents(work('one')), rollbackRequested('one'), started(undoWork('one'))];
    expect(decide(approvedRun(twoStepPlan, ...back, abortRequested()))).toEqual([
      stop(undoWork('one')),
    ]);
  });

  it('ends at once where nothing runs: before the checks, at a gate, with a person asked', () => {
    const end = [{ do: 'end', outcome: 'aborted' }];
    expect(decide(fold([requested(twoStepPlan), abortRequested()]))).toEqual(end);
    expect(decide(readyRun(twoStepPlan, approvalRequested('one'), abortRequested()))).toEqual(end);
    const of = planOf(step('one', { doer: 'person' }));
    expect(decide(approvedRun(of, personAsked(work('one')), abortRequested()))).toEqual(end);
  });

  it('waits for no decision about what failed', () => {
    const run = approvedRun(
      computesPlan(),
      started(workOnHost('cmp1')),
      failed(workOnHost('cmp1')),
      started(workOnHost('cmp2')),
    );
    expect(stuckWork(run)).toEqual([workOnHost('cmp1')]);
    const events = [
      started(workOnHost('cmp1')),
      failed(workOnHost('cmp1')),
      started(workOnHost('cmp2')),
      abortRequested(),
    ];
    expect(stuckWork(approvedRun(computesPlan(), ...events))).toEqual([]);
  });
});

describe('a rollback', () => {
  const both = [...doneEvents(work('one')), ...doneEvents(work('two'))];

  it('stops what runs before it undoes anything', () => {
    const events = [...doneEvents(work('one')), started(work('two')), rollbackRequested('one')];
    expect(decide(approvedRun(twoStepPlan, ...events))).toEqual([stop(work('two'))]);
    expect(decide(approvedRun(twoStepPlan, ...events, stopped(work('two'), alive)))).toEqual([]);
    expect(decide(approvedRun(twoStepPlan, ...events, stopped(work('two'))))).toEqual([
      startDecision(undoWork('two')),
    ]);
  });

  it('ends again what is alive when a person retries', () => {
    const events = [started(work('one')), rollbackRequested('one'), stopped(work('one'), alive)];
    const retry = retryRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] });
    expect(decide(approvedRun(twoStepPlan, ...events, retry))).toEqual([stop(work('one'))]);
  });

  it('undoes last first, a batch at a time, and only where something began', () => {
    const of = computesPlan();
    const events = [
      ...doneEvents(workOnHost('cmp1')),
      unchanged(workOnHost('cmp2')),
      started(workOnHost('cmp3')),
      failed(workOnHost('cmp3')),
      failed(workOnHost('cmp4')),
      rollbackRequested('one'),
    ];
    const back = approvedRun(of, ...events);
    expect(decide(back)).toEqual([
      startDecision(undoWork('one', 'cmp1')),
      startDecision(undoWork('one', 'cmp3')),
    ]);

    expect(decide(approvedRun(twoStepPlan, ...both, rollbackRequested('one')))).toEqual([
      startDecision(undoWork('two')),
    ]);
    expect(
      decide(
        approvedRun(twoStepPlan, ...both, rollbackRequested('one'), ...doneEvents(undoWork('two'))),
      ),
    ).toEqual([startDecision(undoWork('one'))]);
  });

  it('waits where an undo failed, and tolerates no such failure', () => {
    const of = planOf(step('one', { maxFailures: 5 }));
    const run = approvedRun(
      of,
      ...doneEvents(work('one')),
      rollbackRequested('one'),
      started(undoWork('one')),
      failed(undoWork('one')),
    );
    expect(decide(run)).toEqual([]);
    expect(stuckWork(run)).toEqual([undoWork('one')]);
  });

  it('ends the run when everything that began is undone', () => {
    const events = [
      ...both,
      rollbackRequested('one'),
      ...doneEvents(undoWork('two')),
      ...doneEvents(undoWork('one')),
    ];
    expect(decide(approvedRun(twoStepPlan, ...events))).toEqual([
      { do: 'end', outcome: 'rolledBack' },
    ]);
    const nothing = approvedRun(twoStepPlan, unchanged(work('one')), ...doneEvents(work('two')));
    expect(decide(nothing)).toEqual([{ do: 'end', outcome: 'succeeded' }]);
    const last = [unchanged(work('one')), ...doneEvents(work('two')), rollbackRequested('two')];
    expect(decide(approvedRun(twoStepPlan, ...last, ...doneEvents(undoWork('two'))))).toEqual([
      { do: 'end', outcome: 'rolledBack' },
    ]);
  });

  it('ends it too when what is left is only what a person looked at', () => {
    const of = planOf(step('one', { doer: 'person', undoByPerson: '' }), step('two'));
    const events = [
      ...doneEvents(work('one')),
      ...doneEvents(work('two')),
      rollbackRequested('two'),
    ];
    expect(decide(approvedRun(of, ...events, ...doneEvents(undoWork('two'))))).toEqual([
      { do: 'end', outcome: 'rolledBack' },
    ]);
    const oneWay = planOf(step('one', { exit: 'oneWay' }), step('two'));
    expect(decide(approvedRun(oneWay, ...events, ...doneEvents(undoWork('two'))))).toEqual([
      { do: 'rewind', to: 'two' },
    ]);
  });

  it('of a part leads back to just before it, where approval is asked for again', () => {
    const events = [...both, rollbackRequested('two'), ...doneEvents(undoWork('two'))];
    expect(decide(approvedRun(twoStepPlan, ...events))).toEqual([{ do: 'rewind', to: 'two' }]);
    const back = approvedRun(twoStepPlan, ...events, rewound('two'));
    expect(decide(back)).toEqual([]);
    expect(approvalsNeeded(back, stepOf(back, 'two'))).toBe(1);
    expect(decide(approvedRun(twoStepPlan, ...events, rewound('two'), resumed()))).toEqual([
      { do: 'askApproval', gate: 'two' },
    ]);
    const asked = [...events, rewound('two'), resumed(), approvalRequested('two')];
    expect(decide(approvedRun(twoStepPlan, ...asked))).toEqual([]);
    expect(decide(approvedRun(twoStepPlan, ...asked, gateApproved('two', twoStepPlan)))).toEqual([
      startDecision(work('two', 'ctl1', { attempt: 2 })),
    ]);
  });

  it('asks as many again as had to approve before', () => {
    const of = planOf(step('one', { gate: 2 }), step('two'), step('three'));
    const run = readyRun(of, rewound('three'));
    expect(approvalsNeeded(run, stepOf(run, 'three'))).toBe(2);
    expect(approvalsNeeded(run, stepOf(run, 'two'))).toBe(0);
    expect(approvalsNeeded(run, stepOf(run, 'one'))).toBe(2);
  });

  it('works after an abort and after success', () => {
    for (const outcome of ['aborted', 'succeeded'] as const) {
      const run = approvedRun(twoStepPlan, ...both, runEnded(outcome));
      expect(decide(run)).toEqual([]);
      expect(
        decide(approvedRun(twoStepPlan, ...both, runEnded(outcome), rollbackRequested('one'))),
      ).toEqual([startDecision(undoWork('two'))]);
    }
  });

  it('goes on where an aborted one ended, with what it could not undo', () => {
    const events = [
      ...both,
      rollbackRequested('one'),
      ...doneEvents(undoWork('two')),
      started(undoWork('one')),
      failed(undoWork('one')),
      abortRequested(),
      runEnded('aborted'),
      rollbackRequested('one'),
    ];
    expect(decide(approvedRun(twoStepPlan, ...events))).toEqual([
      startDecision(work('one', 'ctl1', { phase: 'undo', attempt: 2 })),
    ]);
  });
});
