import { describe, expect, it } from '@jest/globals';
import {
  decide,
  mayWorkBegin,
  ongoingWork,
  openGate,
  stuckWork,
} from '../../../jobs/run/decide.ts';
import { currentStep } from '../../../jobs/run/standing.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { hostStep } from '../../../jobs/run/run.ts';
import {
  computeHosts,
  twoStepPlan,
  computesPlan,
  approvedRun,
  startDecision,
  workOnHost,
  undoWork,
  doneEvents,
} from '../../support/runs/compute-runs.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  gateApproved,
  failed,
  linkWasLost,
  paused,
  personAsked,
  planOf,
  hostReady,
  readyRun,
  reattached,
  refused,
  rejected,
  requested,
  resumed,
  retryRequested,
  rollbackRequested,
  skipRequested,
  started,
  stopped,
  step,
  unchanged,
  outcomeUnknown,
  work,
} from '../../support/runs/events.ts';

describe('before anything runs', () => {
  it('every host is looked at, and one that is not ready ends the run', () => {
    const of = computesPlan();
    const run = fold([requested(of), hostReady('cmp1')]);
    expect(decide(run)).toEqual(
      ['cmp2', 'cmp3', 'cmp4', 'ctl1'].map((host) => ({ do: 'check', host })),
    );
    const events = [requested(of), ...computeHosts.map(hostReady), refused('ctl1')];
    expect(decide(fold(events))).toEqual([{ do: 'end', outcome: 'refused' }]);
  });

  it('approval is asked once, and waited for by as many people as it needs', () => {
    const of = planOf(step('one', { gate: 2 }));
    expect(decide(readyRun(of))).toEqual([{ do: 'askApproval', gate: 'one' }]);
    expect(decide(readyRun(of, approvalRequested('one')))).toEqual([]);
    const by = (...people: string[]) =>
      readyRun(of, approvalRequested('one'), ...people.map((who) => gateApproved('one', of, who)));
    expect(decide(by('UBEN'))).toEqual([]);
    expect(decide(by('UBEN', 'UBEN'))).toEqual([]);
    expect(openGate(by('UBEN', 'UBEN'))).toMatchObject({ needed: 2, given: ['UBEN'] });
    expect(decide(by('UBEN', 'UCHIE'))).toEqual([startDecision(work('one'))]);
  });

  it('an approval of another plan does not count', () => {
    const other = gateApproved('one', planOf(step('one'), step('another')));
    expect(decide(readyRun(twoStepPlan, approvalRequested('one'), other))).toEqual([]);
  });

  it('a rejection ends it', () => {
    const run = readyRun(twoStepPlan, approvalRequested('one'), rejected('one', 'not now'));
    expect(decide(run)).toEqual([{ do: 'end', outcome: 'rejected' }]);
  });
});

describe('a later gate', () => {
  const gated = planOf(step('one'), step('two', { gate: 1 }));

  it('is asked for when all before it is through', () => {
    expect(decide(approvedRun(gated, started(work('one'))))).toEqual([startDecision(work('one'))]);
    expect(decide(approvedRun(gated, ...doneEvents(work('one'))))).toEqual([
      { do: 'askApproval', gate: 'two' },
    ]);
  });

  it('when rejected pauses a run that has begun, and is asked for again after that', () => {
    const run = approvedRun(
      gated,
      ...doneEvents(work('one')),
      approvalRequested('two'),
      rejected('two', 'no'),
    );
    expect(decide(run)).toEqual([]);
    const events = [
      ...doneEvents(work('one')),
      approvalRequested('two'),
      rejected('two', 'no'),
      resumed(),
    ];
    expect(decide(approvedRun(gated, ...events))).toEqual([{ do: 'askApproval', gate: 'two' }]);
  });
});

describe('a step', () => {
  it('starts on as many hosts at a time as its batch says', () => {
    const of = computesPlan();
    expect(decide(approvedRun(of))).toEqual([
      startDecision(workOnHost('cmp1')),
      startDecision(workOnHost('cmp2')),
    ]);
    expect(
      decide(approvedRun(of, started(workOnHost('cmp1')), ...doneEvents(workOnHost('cmp2')))),
    ).toEqual([startDecision(workOnHost('cmp1')), startDecision(workOnHost('cmp3'))]);
    expect(
      decide(approvedRun(of, unchanged(workOnHost('cmp1')), unchanged(workOnHost('cmp2')))),
    ).toEqual([startDecision(workOnHost('cmp3')), startDecision(workOnHost('cmp4'))]);
  });

  it('is followed by the next one when every host is through', () => {
    const through = [
      ...doneEvents(workOnHost('cmp1')),
      unchanged(workOnHost('cmp2')),
      ...doneEvents(workOnHost('cmp3')),
    ];
    expect(decide(approvedRun(computesPlan(), ...through))).toEqual([
      startDecision(workOnHost('cmp4')),
    ]);
    const all = approvedRun(computesPlan(), ...through, ...doneEvents(workOnHost('cmp4')));
    expect(decide(all)).toEqual([startDecision(work('two'))]);
    expect(currentStep(all)?.id).toBe('two');
  });

  it('goes on past as many failures as it tolerates, and no further', () => {
    const of = computesPlan({ maxFailures: 1 });
    const fails = (host: string): RunEvent[] => [
      started(workOnHost(host)),
      failed(workOnHost(host)),
    ];
    const tolerated = approvedRun(of, ...fails('cmp1'));
    expect(decide(tolerated)).toEqual([
      startDecision(workOnHost('cmp2')),
      startDecision(workOnHost('cmp3')),
    ]);
    expect(stuckWork(tolerated)).toEqual([]);

    const beyond = approvedRun(of, ...fails('cmp1'), ...fails('cmp2'), started(workOnHost('cmp3')));
    expect(decide(beyond)).toEqual([startDecision(workOnHost('cmp3'))]);
    expect(stuckWork(beyond)).toEqual([workOnHost('cmp1'), workOnHost('cmp2')]);

    const through = ['cmp2', 'cmp3', 'cmp4'].flatMap((host) => doneEvents(workOnHost(host)));
    expect(decide(approvedRun(of, ...fails('cmp1'), ...through))).toEqual([
      startDecision(work('two')),
    ]);
  });

  it('never tolerates what is unknown', () => {
    const run = approvedRun(
      computesPlan({ maxFailures: 4 }),
      started(workOnHost('cmp1')),
      outcomeUnknown(workOnHost('cmp1')),
    );
    expect(decide(run)).toEqual([]);
    expect(stuckWork(run)).toEqual([workOnHost('cmp1')]);
  });

  it('never tolerates what was stopped, such as by an abort that the log forgot', () => {
    const run = approvedRun(
      computesPlan({ maxFailures: 1 }),
      started(workOnHost('cmp1')),
      stopped(workOnHost('cmp1')),
    );

    expect(decide(run)).toEqual([]);
    expect(stuckWork(run)).toEqual([workOnHost('cmp1')]);
  });

  it('stays unknown when another attempt cannot look for the one before it, and is not tolerated', () => {
    const again = { ...workOnHost('cmp1'), attempt: 2 };
    const run = approvedRun(
      computesPlan({ maxFailures: 1 }),
      started(workOnHost('cmp1')),
      outcomeUnknown(workOnHost('cmp1')),
      {
        type: 'RetryRequested',
        at: after(40),
        by: 'UDAN',
        phase: 'apply',
        step: workOnHost('cmp1').step,
        hosts: ['cmp1'],
      },
      failed(again, { reason: 'no route to cmp1' }),
    );

    expect(hostStep(run, again)).toMatchObject({ status: 'unknown', attempt: 2 });
    expect(hostStep(run, again).evidence).toContain('no route to cmp1; before that: ');
    expect(decide(run)).toEqual([]);
    expect(stuckWork(run)).toEqual([again]);
  });

  it('is asked about while its host is silent, and waits for a person when it answered', () => {
    const silent = approvedRun(
      twoStepPlan,
      started(work('one')),
      linkWasLost(work('one')),
      outcomeUnknown(work('one')),
    );
    expect(decide(silent)).toEqual([startDecision(work('one'))]);
    const gone = approvedRun(
      twoStepPlan,
      started(work('one')),
      linkWasLost(work('one')),
      reattached(work('one')),
      outcomeUnknown(work('one')),
    );
    expect(decide(gone)).toEqual([]);
  });

  it('is tried again, or left, as a person says', () => {
    const failing = [started(workOnHost('cmp1')), failed(workOnHost('cmp1'))];
    const at = { phase: 'apply', step: 'one', hosts: ['cmp1'] } as const;
    const retry = retryRequested({ ...at, hosts: ['cmp1'] });
    expect(decide(approvedRun(computesPlan(), ...failing, retry))).toEqual([
      startDecision(work('one', 'cmp1', { attempt: 2 })),
      startDecision(workOnHost('cmp2')),
    ]);
    const skip = skipRequested({ ...at, hosts: ['cmp1'] }, 'by hand');
    expect(decide(approvedRun(computesPlan(), ...failing, skip))).toEqual([
      startDecision(workOnHost('cmp2')),
      startDecision(workOnHost('cmp3')),
    ]);
  });

  it('of a person is asked for once', () => {
    const of = planOf(step('one', { doer: 'person' }));
    expect(decide(approvedRun(of))).toEqual([{ do: 'askPerson', work: work('one') }]);
    const asked = approvedRun(of, personAsked(work('one')));
    expect(decide(asked)).toEqual([]);
    expect(ongoingWork(asked)).toEqual([work('one')]);
  });

  it('may begin only while it is its turn', () => {
    const of = computesPlan();
    expect(mayWorkBegin(approvedRun(of), workOnHost('cmp1'))).toBe(true);
    expect(mayWorkBegin(approvedRun(of), workOnHost('cmp3'))).toBe(false);
    expect(mayWorkBegin(approvedRun(of), work('two'))).toBe(false);
    expect(mayWorkBegin(approvedRun(of), work('one', 'cmp1', { attempt: 2 }))).toBe(false);
    expect(mayWorkBegin(readyRun(of), workOnHost('cmp1'))).toBe(false);
    for (const turn of [
      started(workOnHost('cmp1')),
      paused(),
      abortRequested(),
      rollbackRequested('one'),
    ])
      expect(mayWorkBegin(approvedRun(of, turn), workOnHost('cmp1'))).toBe(false);
    const blocked = [started(workOnHost('cmp2')), failed(workOnHost('cmp2'))];
    expect(mayWorkBegin(approvedRun(of, ...blocked), workOnHost('cmp1'))).toBe(false);
  });
});

describe('a paused run', () => {
  it('follows what runs and starts nothing new, also on rollback', () => {
    expect(decide(approvedRun(computesPlan(), started(workOnHost('cmp1')), paused()))).toEqual([
      startDecision(workOnHost('cmp1')),
    ]);
    expect(decide(readyRun(twoStepPlan, paused()))).toEqual([]);
    expect(
      decide(
        approvedRun(twoStepPlan, ...doneEvents(work('one')), ...doneEvents(work('two')), paused()),
      ),
    ).toEqual([]);
    const back = [...doneEvents(work('one')), ...doneEvents(work('two')), rollbackRequested('one')];
    expect(decide(approvedRun(twoStepPlan, ...back, paused()))).toEqual([]);
    expect(decide(approvedRun(twoStepPlan, ...back, started(undoWork('two')), paused()))).toEqual([
      startDecision(undoWork('two')),
    ]);
    expect(decide(approvedRun(twoStepPlan, ...back, paused(), resumed()))).toEqual([
      startDecision(undoWork('two')),
    ]);
  });
});
