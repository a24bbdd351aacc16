import { describe, expect, it } from '@jest/globals';
import { seenBy } from '../../../jobs/run/act.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  approved,
  failed,
  paused,
  personAsked,
  plan,
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
  one,
  person,
  here,
  there,
  stuckEvent,
  running,
  press,
  states,
} from '../../support/runs/run-states.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

const already = (by: string, second: number, rest: string) => ({
  refused: 'already',
  reason: `<@${by}> did that already, at ${after(second)}. ${rest}`,
});

const stale = (before: Run, now: Run, name: ActionName) =>
  press(now, ben, name, { seen: seenBy(before, name), text: 'because' });

describe('a press that comes too late', () => {
  const is = 'Run 7f3a12 is';

  it('learns who was faster, and where the run stands now', () => {
    // The request and two hosts are the first three seconds; approval is asked for and given in the next two.
    expect(press(running(), ben, 'approve')).toEqual(already('UBEN', 4, `${is} running.`));
    expect(press(running(), ben, 'reject', { text: 'no' })).toEqual({
      refused: 'stale',
      reason: `${is} running.`,
    });
    expect(press(states.paused, dan, 'pause')).toEqual(already('UBEN', 6, `${is} paused.`));
    expect(press(running(paused(), resumed('UCHIE')), dan, 'resume')).toEqual(
      already('UCHIE', 6, `${is} running.`),
    );
    expect(press(states.aborting, dan, 'abort')).toEqual(
      already('UBEN', 6, `${is} being aborted.`),
    );
    expect(press(states.rollingBack, dan, 'rollback')).toEqual(
      already('UBEN', 7, `${is} rolling back.`),
    );
    const decided = [started(here), failed(here)];
    expect(press(running(...decided, retryRequested(stuckEvent(['ctl1']))), dan, 'retry')).toEqual(
      already('UBEN', 7, `${is} running.`),
    );
    const skipped = running(...decided, skipRequested(stuckEvent(['ctl1']), 'by hand', 'UCHIE'));
    expect(press(skipped, dan, 'skip', { text: 'no' })).toEqual(
      already('UCHIE', 7, `${is} running.`),
    );
    const proven = readyRun(
      person,
      approvalRequested('look'),
      approved('look', person),
      personAsked(work('look')),
      proofGiven(work('look'), 'seen', 'UCHIE'),
    );
    expect(press(proven, dan, 'done', { text: 'seen' })).toEqual(
      already('UCHIE', 5, `${is} running.`),
    );
  });

  it('is not told of a press that was about something else', () => {
    const later = plan(step('one'), step('two', { gate: 1 }));
    const atGate = readyRun(
      later,
      approvalRequested('one'),
      approved('one', later),
      started(here),
      succeeded(here),
      approvalRequested('two'),
      paused(),
    );
    expect(press(atGate, chie, 'approve')).toEqual({ refused: 'stale', reason: `${is} paused.` });
    expect(press(running(paused(), resumed(), abortRequested()), dan, 'resume')).toEqual({
      refused: 'stale',
      reason: `${is} being aborted.`,
    });
  });

  it('is told how a run ended', () => {
    expect(press(states.succeeded, dan, 'pause')).toEqual({
      refused: 'stale',
      reason: 'Run 7f3a12 ended: succeeded.',
    });
  });
});

describe('a press on an old button', () => {
  const refused = { refused: 'stale', reason: expect.stringContaining('earlier state of the run') };

  it('is refused where what it was about has changed', () => {
    const fails = [started(here), failed(here)];
    const again = work('one', 'ctl1', { attempt: 2 });
    const twice = running(
      ...fails,
      retryRequested(stuckEvent(['ctl1'])),
      started(again),
      failed(again),
    );
    const both = running(...fails, started(there), failed(there));
    for (const name of ['retry', 'skip'] as const) {
      expect(stale(states.failed, twice, name)).toMatchObject(refused);
      expect(stale(states.failed, both, name)).toMatchObject(refused);
      expect(stale(states.silent, states.failed, name)).toMatchObject(refused);
    }
    const further = running(started(here), started(there), succeeded(here), succeeded(there));
    const next = running(
      started(here),
      succeeded(here),
      started(there),
      succeeded(there),
      started(work('two')),
    );
    expect(stale(further, next, 'rollback')).toMatchObject(refused);
    expect(stale(states.paused, running(paused(), resumed(), paused()), 'resume')).toMatchObject(
      refused,
    );
    expect(stale(states.running, states.outlived, 'abort')).toMatchObject(refused);
  });

  it('is refused at a gate that was asked for anew, or for another plan', () => {
    const anew = readyRun(
      one,
      approvalRequested('one'),
      rejected('one', 'no'),
      resumed(),
      approvalRequested('one'),
    );
    expect(stale(states.asking, anew, 'approve')).toMatchObject(refused);
    const other = plan(step('one', { hosts: ['ctl1', 'cmp1'] }), step('three'));
    const same = readyRun(other, approvalRequested('one'));
    expect(stale(states.asking, same, 'approve')).toMatchObject(refused);
  });

  it('still works where it has not', () => {
    const moved = running(started(here), failed(here), started(there));
    expect(stale(states.failed, moved, 'retry')).toMatchObject({
      event: { type: 'RetryRequested', step: 'one', hosts: ['ctl1'] },
    });
    expect(stale(states.running, states.failed, 'pause')).toHaveProperty('event');
    expect(stale(states.running, states.paused, 'abort')).toHaveProperty('event');
  });

  it('tells apart any number of hosts by a mark that fits into a button', () => {
    const hosts = Array.from({ length: 300 }, (_, n) => `compute-host-${n}`);
    const many = plan(step('one', { hosts }));
    const all = (count: number) =>
      readyRun(
        many,
        approvalRequested('one'),
        approved('one', many),
        ...hosts
          .slice(0, count)
          .flatMap((host) => [started(work('one', host)), failed(work('one', host))]),
      );
    expect(seenBy(all(299), 'retry')).not.toBe(seenBy(all(300), 'retry'));
    expect(seenBy(all(300), 'retry').length).toBeLessThan(100);
  });
});
