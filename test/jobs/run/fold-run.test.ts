import { describe, expect, it } from '@jest/globals';
import { evolve } from '../../../jobs/run/fold.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  gateApproved,
  failed,
  personAsked,
  planOf,
  readyRun,
  rejected,
  rewound,
  rollbackRequested,
  runEnded,
  started,
  step,
  succeeded,
  unchanged,
  work,
} from '../../support/runs/events.ts';

const two = planOf(step('one', { hosts: ['ctl1', 'cmp1'] }), step('two'));
const person = planOf(step('look', { doer: 'person' }));
const one = work('one');
const undo = work('one', 'ctl1', { phase: 'undo' });

const state = (run: Run, of = one) => hostStep(run, of);

describe('a run', () => {
  it('takes back what a person was asked to do when it turns', () => {
    const asked = readyRun(person, personAsked(work('look')));
    for (const turn of [abortRequested(), rollbackRequested('look')]) {
      const run = evolve(asked, turn);
      expect(state(run, work('look'))).toMatchObject({ status: 'stopped', began: false });
    }
  });

  it('asks anew at a gate: earlier approvals do not count for it', () => {
    const run = readyRun(two, approvalRequested('one'), gateApproved('one', two));
    expect(run.gates['one']?.approvals).toHaveLength(1);
    expect(evolve(run, approvalRequested('one')).gates['one']?.approvals).toEqual([]);
  });

  it('is paused by a rejection, with its reason', () => {
    expect(readyRun(two, approvalRequested('one'), rejected('one', 'not now'))).toMatchObject({
      paused: { by: 'UBEN', reason: 'not now' },
      gates: { one: { approvals: [], rejected: { by: 'UBEN', reason: 'not now' } } },
    });
  });

  it('lives again by a rollback, and tries again to undo what could not be', () => {
    const run = readyRun(
      two,
      started(one),
      failed(one),
      rollbackRequested('one'),
      started(undo),
      failed(undo),
      abortRequested(),
      runEnded('aborted'),
      rollbackRequested('one', 'UCHIE'),
    );
    expect(run).not.toHaveProperty('ended');
    expect(run).not.toHaveProperty('aborting');
    expect(run.rollback).toMatchObject({ by: 'UCHIE', to: 'one' });
    expect(state(run, undo)).toMatchObject({ status: 'pending', attempt: 2, began: true });
  });

  it('stands before the step it went back to: nothing of it done, no attempt used twice, nobody asked yet', () => {
    const done = readyRun(
      two,
      approvalRequested('one'),
      gateApproved('one', two),
      started(one),
      succeeded(one),
      unchanged(work('one', 'cmp1')),
      started(work('two')),
      failed(work('two')),
      rollbackRequested('two'),
      started(work('two', 'ctl1', { phase: 'undo' })),
      succeeded(work('two', 'ctl1', { phase: 'undo' })),
    );
    const run = evolve(done, { ...rewound('two'), at: after(60) });

    expect(run).not.toHaveProperty('rollback');
    expect(run.paused).toEqual({
      by: 'UBEN',
      at: after(60),
      reason: 'rolled back to before two',
    });
    expect(state(run, work('two'))).toEqual({ status: 'pending', attempt: 2, began: false });
    expect(state(run, work('two', 'ctl1', { phase: 'undo' }))).toEqual({
      status: 'pending',
      attempt: 2,
      began: false,
    });
    expect(state(run)).toEqual(state(done));
    expect(run.gates).toEqual({ one: done.gates['one'], two: { approvals: [] } });
  });
});
