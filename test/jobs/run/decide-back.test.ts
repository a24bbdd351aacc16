import { describe, expect, it } from '@jest/globals';
import { approvalsNeeded, decide, stuck } from '../../../jobs/run/decide.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { stepOf } from '../../../jobs/run/run.ts';
import { done, one, computes, running, start, on, undo } from '../../support/runs/compute-runs.ts';
import {
  abortRequested,
  approvalRequested,
  approved,
  failed,
  personAsked,
  plan,
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
  unknown,
  work,
} from '../../support/runs/events.ts';

const alive = [{ pid: 7, command: 'apt-get' }];
const stop = (of: Work) => ({ do: 'stop', work: of });

describe('an abort', () => {
  const two = [started(on('cmp1')), started(on('cmp2'))];

  it('stops what runs, and ends only when all of it is gone', () => {
    const of = computes();
    expect(decide(running(of, ...two, abortRequested()))).toEqual([
      stop(on('cmp1')),
      stop(on('cmp2')),
    ]);
    expect(decide(running(of, ...two, abortRequested(), stopped(on('cmp1'))))).toEqual([
      stop(on('cmp2')),
    ]);
    const gone = [stopped(on('cmp1')), stopped(on('cmp2'))];
    expect(decide(running(of, ...two, abortRequested(), ...gone))).toEqual([
      { do: 'end', outcome: 'aborted' },
    ]);
  });

  it('waits for a person where something outlived it, and another abort tries again', () => {
    const events = [started(work('one')), abortRequested(), stopped(work('one'), alive)];
    const run = running(one, ...events);
    expect(decide(run)).toEqual([]);
    expect(stuck(run)).toEqual([work('one')]);
    expect(decide(running(one, ...events, abortRequested()))).toEqual([stop(work('one'))]);
  });

  it('makes sure also of what is unknown, and of what runs back', () => {
    expect(
      decide(running(one, started(work('one')), unknown(work('one')), abortRequested())),
    ).toEqual([stop(work('one'))]);
    const back = [...done(work('one')), rollbackRequested('one'), started(undo('one'))];
    expect(decide(running(one, ...back, abortRequested()))).toEqual([stop(undo('one'))]);
  });

  it('ends at once where nothing runs: before the checks, at a gate, with a person asked', () => {
    const end = [{ do: 'end', outcome: 'aborted' }];
    expect(decide(fold([requested(one), abortRequested()]))).toEqual(end);
    expect(decide(readyRun(one, approvalRequested('one'), abortRequested()))).toEqual(end);
    const of = plan(step('one', { doer: 'person' }));
    expect(decide(running(of, personAsked(work('one')), abortRequested()))).toEqual(end);
  });

  it('waits for no decision about what failed', () => {
    const run = running(computes(), started(on('cmp1')), failed(on('cmp1')), started(on('cmp2')));
    expect(stuck(run)).toEqual([on('cmp1')]);
    const events = [started(on('cmp1')), failed(on('cmp1')), started(on('cmp2')), abortRequested()];
    expect(stuck(running(computes(), ...events))).toEqual([]);
  });
});

describe('a rollback', () => {
  const both = [...done(work('one')), ...done(work('two'))];

  it('stops what runs before it undoes anything', () => {
    const events = [...done(work('one')), started(work('two')), rollbackRequested('one')];
    expect(decide(running(one, ...events))).toEqual([stop(work('two'))]);
    expect(decide(running(one, ...events, stopped(work('two'), alive)))).toEqual([]);
    expect(decide(running(one, ...events, stopped(work('two'))))).toEqual([start(undo('two'))]);
  });

  it('ends again what is alive when a person retries', () => {
    const events = [started(work('one')), rollbackRequested('one'), stopped(work('one'), alive)];
    const retry = retryRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] });
    expect(decide(running(one, ...events, retry))).toEqual([stop(work('one'))]);
  });

  it('undoes last first, a batch at a time, and only where something began', () => {
    const of = computes();
    const events = [
      ...done(on('cmp1')),
      unchanged(on('cmp2')),
      started(on('cmp3')),
      failed(on('cmp3')),
      failed(on('cmp4')),
      rollbackRequested('one'),
    ];
    const back = running(of, ...events);
    expect(decide(back)).toEqual([start(undo('one', 'cmp1')), start(undo('one', 'cmp3'))]);

    expect(decide(running(one, ...both, rollbackRequested('one')))).toEqual([start(undo('two'))]);
    expect(decide(running(one, ...both, rollbackRequested('one'), ...done(undo('two'))))).toEqual([
      start(undo('one')),
    ]);
  });

  it('waits where an undo failed, and tolerates no such failure', () => {
    const of = plan(step('one', { maxFailures: 5 }));
    const run = running(
      of,
      ...done(work('one')),
      rollbackRequested('one'),
      started(undo('one')),
      failed(undo('one')),
    );
    expect(decide(run)).toEqual([]);
    expect(stuck(run)).toEqual([undo('one')]);
  });

  it('ends the run when everything that began is undone', () => {
    const events = [...both, rollbackRequested('one'), ...done(undo('two')), ...done(undo('one'))];
    expect(decide(running(one, ...events))).toEqual([{ do: 'end', outcome: 'rolledBack' }]);
    const nothing = running(one, unchanged(work('one')), ...done(work('two')));
    expect(decide(nothing)).toEqual([{ do: 'end', outcome: 'succeeded' }]);
    const last = [unchanged(work('one')), ...done(work('two')), rollbackRequested('two')];
    expect(decide(running(one, ...last, ...done(undo('two'))))).toEqual([
      { do: 'end', outcome: 'rolledBack' },
    ]);
  });

  it('ends it too when what is left is only what a person looked at', () => {
    const of = plan(step('one', { doer: 'person', undoByPerson: '' }), step('two'));
    const events = [...done(work('one')), ...done(work('two')), rollbackRequested('two')];
    expect(decide(running(of, ...events, ...done(undo('two'))))).toEqual([
      { do: 'end', outcome: 'rolledBack' },
    ]);
    const oneWay = plan(step('one', { exit: 'oneWay' }), step('two'));
    expect(decide(running(oneWay, ...events, ...done(undo('two'))))).toEqual([
      { do: 'rewind', to: 'two' },
    ]);
  });

  it('of a part leads back to just before it, where approval is asked for again', () => {
    const events = [...both, rollbackRequested('two'), ...done(undo('two'))];
    expect(decide(running(one, ...events))).toEqual([{ do: 'rewind', to: 'two' }]);
    const back = running(one, ...events, rewound('two'));
    expect(decide(back)).toEqual([]);
    expect(approvalsNeeded(back, stepOf(back, 'two'))).toBe(1);
    expect(decide(running(one, ...events, rewound('two'), resumed()))).toEqual([
      { do: 'askApproval', gate: 'two' },
    ]);
    const asked = [...events, rewound('two'), resumed(), approvalRequested('two')];
    expect(decide(running(one, ...asked))).toEqual([]);
    expect(decide(running(one, ...asked, approved('two', one)))).toEqual([
      start(work('two', 'ctl1', { attempt: 2 })),
    ]);
  });

  it('asks as many again as had to approve before', () => {
    const of = plan(step('one', { gate: 2 }), step('two'), step('three'));
    const run = readyRun(of, rewound('three'));
    expect(approvalsNeeded(run, stepOf(run, 'three'))).toBe(2);
    expect(approvalsNeeded(run, stepOf(run, 'two'))).toBe(0);
    expect(approvalsNeeded(run, stepOf(run, 'one'))).toBe(2);
  });

  it('works after an abort and after success', () => {
    for (const outcome of ['aborted', 'succeeded'] as const) {
      const run = running(one, ...both, runEnded(outcome));
      expect(decide(run)).toEqual([]);
      expect(decide(running(one, ...both, runEnded(outcome), rollbackRequested('one')))).toEqual([
        start(undo('two')),
      ]);
    }
  });

  it('goes on where an aborted one ended, with what it could not undo', () => {
    const events = [
      ...both,
      rollbackRequested('one'),
      ...done(undo('two')),
      started(undo('one')),
      failed(undo('one')),
      abortRequested(),
      runEnded('aborted'),
      rollbackRequested('one'),
    ];
    expect(decide(running(one, ...events))).toEqual([
      start(work('one', 'ctl1', { phase: 'undo', attempt: 2 })),
    ]);
  });
});
