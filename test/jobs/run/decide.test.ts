import { describe, expect, it } from '@jest/globals';
import {
  currentStep,
  decide,
  mayBegin,
  ongoing,
  openGate,
  stuck,
} from '../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import {
  hosts,
  one,
  computes,
  running,
  start,
  on,
  undo,
  done,
} from '../../support/runs/compute-runs.ts';
import {
  abortRequested,
  approvalRequested,
  approved,
  failed,
  linkLost,
  paused,
  personAsked,
  plan,
  ready,
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
  step,
  unchanged,
  unknown,
  work,
} from '../../support/runs/events.ts';

describe('before anything runs', () => {
  it('every host is looked at, and one that is not ready ends the run', () => {
    const of = computes();
    const run = fold([requested(of), ready('cmp1')]);
    expect(decide(run)).toEqual(
      ['cmp2', 'cmp3', 'cmp4', 'ctl1'].map((host) => ({ do: 'check', host })),
    );
    const events = [requested(of), ...hosts.map(ready), refused('ctl1')];
    expect(decide(fold(events))).toEqual([{ do: 'end', outcome: 'refused' }]);
  });

  it('approval is asked once, and waited for by as many people as it needs', () => {
    const of = plan(step('one', { gate: 2 }));
    expect(decide(readyRun(of))).toEqual([{ do: 'askApproval', gate: 'one' }]);
    expect(decide(readyRun(of, approvalRequested('one')))).toEqual([]);
    const by = (...people: string[]) =>
      readyRun(of, approvalRequested('one'), ...people.map((who) => approved('one', of, who)));
    expect(decide(by('UBEN'))).toEqual([]);
    expect(decide(by('UBEN', 'UBEN'))).toEqual([]);
    expect(openGate(by('UBEN', 'UBEN'))).toMatchObject({ needed: 2, given: ['UBEN'] });
    expect(decide(by('UBEN', 'UCHIE'))).toEqual([start(work('one'))]);
  });

  it('an approval of another plan does not count', () => {
    const other = approved('one', plan(step('one'), step('another')));
    expect(decide(readyRun(one, approvalRequested('one'), other))).toEqual([]);
  });

  it('a rejection ends it', () => {
    const run = readyRun(one, approvalRequested('one'), rejected('one', 'not now'));
    expect(decide(run)).toEqual([{ do: 'end', outcome: 'rejected' }]);
  });
});

describe('a later gate', () => {
  const gated = plan(step('one'), step('two', { gate: 1 }));

  it('is asked for when all before it is through', () => {
    expect(decide(running(gated, started(work('one'))))).toEqual([start(work('one'))]);
    expect(decide(running(gated, ...done(work('one'))))).toEqual([
      { do: 'askApproval', gate: 'two' },
    ]);
  });

  it('when rejected pauses a run that has begun, and is asked for again after that', () => {
    const run = running(
      gated,
      ...done(work('one')),
      approvalRequested('two'),
      rejected('two', 'no'),
    );
    expect(decide(run)).toEqual([]);
    const events = [
      ...done(work('one')),
      approvalRequested('two'),
      rejected('two', 'no'),
      resumed(),
    ];
    expect(decide(running(gated, ...events))).toEqual([{ do: 'askApproval', gate: 'two' }]);
  });
});

describe('a step', () => {
  it('starts on as many hosts at a time as its batch says', () => {
    const of = computes();
    expect(decide(running(of))).toEqual([start(on('cmp1')), start(on('cmp2'))]);
    expect(decide(running(of, started(on('cmp1')), ...done(on('cmp2'))))).toEqual([
      start(on('cmp1')),
      start(on('cmp3')),
    ]);
    expect(decide(running(of, unchanged(on('cmp1')), unchanged(on('cmp2'))))).toEqual([
      start(on('cmp3')),
      start(on('cmp4')),
    ]);
  });

  it('is followed by the next one when every host is through', () => {
    const through = [...done(on('cmp1')), unchanged(on('cmp2')), ...done(on('cmp3'))];
    expect(decide(running(computes(), ...through))).toEqual([start(on('cmp4'))]);
    const all = running(computes(), ...through, ...done(on('cmp4')));
    expect(decide(all)).toEqual([start(work('two'))]);
    expect(currentStep(all)?.id).toBe('two');
  });

  it('goes on past as many failures as it tolerates, and no further', () => {
    const of = computes({ maxFailures: 1 });
    const fails = (host: string): RunEvent[] => [started(on(host)), failed(on(host))];
    const tolerated = running(of, ...fails('cmp1'));
    expect(decide(tolerated)).toEqual([start(on('cmp2')), start(on('cmp3'))]);
    expect(stuck(tolerated)).toEqual([]);

    const beyond = running(of, ...fails('cmp1'), ...fails('cmp2'), started(on('cmp3')));
    expect(decide(beyond)).toEqual([start(on('cmp3'))]);
    expect(stuck(beyond)).toEqual([on('cmp1'), on('cmp2')]);

    const through = ['cmp2', 'cmp3', 'cmp4'].flatMap((host) => done(on(host)));
    expect(decide(running(of, ...fails('cmp1'), ...through))).toEqual([start(work('two'))]);
  });

  it('never tolerates what is unknown', () => {
    const run = running(computes({ maxFailures: 4 }), started(on('cmp1')), unknown(on('cmp1')));
    expect(decide(run)).toEqual([]);
    expect(stuck(run)).toEqual([on('cmp1')]);
  });

  it('is asked about while its host is silent, and waits for a person when it answered', () => {
    const silent = running(one, started(work('one')), linkLost(work('one')), unknown(work('one')));
    expect(decide(silent)).toEqual([start(work('one'))]);
    const gone = running(
      one,
      started(work('one')),
      linkLost(work('one')),
      reattached(work('one')),
      unknown(work('one')),
    );
    expect(decide(gone)).toEqual([]);
  });

  it('is tried again, or left, as a person says', () => {
    const failing = [started(on('cmp1')), failed(on('cmp1'))];
    const at = { phase: 'apply', step: 'one', hosts: ['cmp1'] } as const;
    const retry = retryRequested({ ...at, hosts: ['cmp1'] });
    expect(decide(running(computes(), ...failing, retry))).toEqual([
      start(work('one', 'cmp1', { attempt: 2 })),
      start(on('cmp2')),
    ]);
    const skip = skipRequested({ ...at, hosts: ['cmp1'] }, 'by hand');
    expect(decide(running(computes(), ...failing, skip))).toEqual([
      start(on('cmp2')),
      start(on('cmp3')),
    ]);
  });

  it('of a person is asked for once', () => {
    const of = plan(step('one', { doer: 'person' }));
    expect(decide(running(of))).toEqual([{ do: 'askPerson', work: work('one') }]);
    const asked = running(of, personAsked(work('one')));
    expect(decide(asked)).toEqual([]);
    expect(ongoing(asked)).toEqual([work('one')]);
  });

  it('may begin only while it is its turn', () => {
    const of = computes();
    expect(mayBegin(running(of), on('cmp1'))).toBe(true);
    expect(mayBegin(running(of), on('cmp3'))).toBe(false);
    expect(mayBegin(running(of), work('two'))).toBe(false);
    expect(mayBegin(running(of), work('one', 'cmp1', { attempt: 2 }))).toBe(false);
    expect(mayBegin(readyRun(of), on('cmp1'))).toBe(false);
    for (const turn of [started(on('cmp1')), paused(), abortRequested(), rollbackRequested('one')])
      expect(mayBegin(running(of, turn), on('cmp1'))).toBe(false);
    const blocked = [started(on('cmp2')), failed(on('cmp2'))];
    expect(mayBegin(running(of, ...blocked), on('cmp1'))).toBe(false);
  });
});

describe('a paused run', () => {
  it('follows what runs and starts nothing new, also on its way back', () => {
    expect(decide(running(computes(), started(on('cmp1')), paused()))).toEqual([start(on('cmp1'))]);
    expect(decide(readyRun(one, paused()))).toEqual([]);
    expect(decide(running(one, ...done(work('one')), ...done(work('two')), paused()))).toEqual([]);
    const back = [...done(work('one')), ...done(work('two')), rollbackRequested('one')];
    expect(decide(running(one, ...back, paused()))).toEqual([]);
    expect(decide(running(one, ...back, started(undo('two')), paused()))).toEqual([
      start(undo('two')),
    ]);
    expect(decide(running(one, ...back, paused(), resumed()))).toEqual([start(undo('two'))]);
  });
});
