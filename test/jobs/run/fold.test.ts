import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunEvent } from '../../../jobs/run/events.ts';
import { decide } from '../../../jobs/run/decide.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import { canonicalJson } from '../../../jobs/run/plan.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  gateApproved,
  failed,
  foundSlow,
  inOrder,
  linkWasLost,
  paused,
  personAsked,
  planOf,
  proofGiven,
  hostReady,
  readyRun,
  reattached,
  refused,
  approvalsConfirmed,
  approvalsDoubted,
  approvalsVoided,
  rejected,
  requested,
  resumed,
  retryRequested,
  rewound,
  servingChanged,
  rollbackProposed,
  rollbackRequested,
  runEnded,
  skipRequested,
  started,
  step,
  stopped,
  succeeded,
  unchanged,
  outcomeUnknown,
  fixTaken,
  work,
} from '../../support/runs/events.ts';

const two = planOf(step('one', { hosts: ['ctl1', 'cmp1'] }), step('two'));
const person = planOf(step('look', { doer: 'person' }));
const one = work('one');
const again = work('one', 'ctl1', { attempt: 2 });
const undo = work('one', 'ctl1', { phase: 'undo' });
const retry = retryRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] });
const skip = skipRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] }, 'done by hand');
const alive = [{ pid: 7, command: 'apt-get' }];

const state = (run: Run, of = one) => hostStep(run, of);

/** Every event there is, each with something to say about this plan. */
const recalled = (rest: object): RunEvent =>
  RunEvent.parse({ type: 'HostRecalled', at: after(0), host: 'ctl1', begun: [], ...rest });

const all: readonly RunEvent[] = [
  hostReady('ctl1'),
  refused('cmp1'),
  approvalRequested('one'),
  gateApproved('one', two),
  approvalsDoubted('one'),
  approvalsConfirmed('one'),
  approvalsVoided('one', { lost: ['UBEN'] }),
  rejected('one', 'not now'),
  paused(),
  resumed(),
  abortRequested(),
  retry,
  skip,
  fixTaken(two, 'one', [step('mend-w1', { gate: 1, way: 1 })]),
  rollbackProposed('one'),
  { type: 'RollbackDeclined', at: after(0), by: 'UCHIE' },
  rollbackRequested('one'),
  personAsked(one),
  proofGiven(one, 'seen'),
  started(one),
  started(undo),
  unchanged(one),
  succeeded(one),
  failed(one),
  outcomeUnknown(one),
  linkWasLost(one),
  reattached(one),
  stopped(one),
  stopped(one, alive),
  { type: 'StoreRestarted', at: after(0), store: 'another' },
  recalled({ begun: [{ work: undo, before: 1, changes: '', commands: [] }] }),
  recalled({ begun: [{ work: again, before: 1, changes: '', commands: [] }] }),
  recalled({ silent: 'no route' }),
  recalled({ lost: one }),
  servingChanged('nova', 'down'),
  { type: 'ServingBreached', at: after(0), probes: ['nova'] },
  foundSlow('one'),
  { type: 'LossCounted', at: after(0), lost: [{ what: 'servers', made: 1 }] },
  rewound('one'),
  runEnded('aborted'),
];

const whole = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity };

describe('folding', () => {
  it('takes any event in any state, changes nothing in place, and counts', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all), { maxLength: 30 }), (events) => {
        const log = inOrder(requested(two), ...events);
        const states = log.map((_, index) => fold(log.slice(0, index + 1)));
        const copies = states.map((run) => inspect(run, whole));
        let run = fold(log.slice(0, 1));
        for (const [index, event] of log.slice(1).entries()) {
          run = evolve(run, event);
          expect(run).toStrictEqual(states[index + 1]);
        }
        expect(states.map((now) => inspect(now, whole))).toEqual(copies);
        expect(run.version).toBe(log.length);
        expect(run.at).toBe(log.at(-1)?.at);
      }),
      { numRuns: 150 },
    );
  });

  it('knows every event, and gets the same out of what was stored', () => {
    const types = RunEvent.options.map((option) => option.shape.type.value);
    expect(new Set(['RunRequested', ...all.map(({ type }) => type)])).toEqual(new Set(types));
    const log = inOrder(requested(two), ...all);
    const stored = log.map((event) => RunEvent.parse(JSON.parse(canonicalJson(event))));
    expect(fold(stored)).toEqual(fold(log));
  });

  it('refuses a log that does not begin with a request', () => {
    expect(() => fold([])).toThrow('a run starts with RunRequested');
    expect(() => fold([hostReady('ctl1')])).toThrow('a run starts with RunRequested');
  });
});

describe('a step on a host', () => {
  it('remembers what ran, what was found before, and how it ended', () => {
    const run = readyRun(
      two,
      started(one, { before: { nova: '1.2' }, changes: 'nova 1.2 → 1.3' }),
      succeeded(one, 'done\n'),
    );
    expect(state(run)).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      began: true,
      before: { nova: '1.2' },
      changes: 'nova 1.2 → 1.3',
      startedAt: after(3),
      finishedAt: after(4),
      tail: 'done\n',
    });
    expect(state(run, work('one', 'cmp1'))).toEqual({
      status: 'pending',
      attempt: 1,
      began: false,
    });
  });

  it('keeps through a retry what its first probe found, and forgets how the first attempt ended', () => {
    const run = readyRun(
      two,
      started(one, { before: { nova: '1.2' } }),
      failed(one),
      retry,
      started(again, { before: { nova: 'half installed' } }),
    );
    expect(state(run)).toMatchObject({ status: 'running', attempt: 2, before: { nova: '1.2' } });
    expect(state(run)).not.toHaveProperty('failure');
    expect(state(run)).not.toHaveProperty('tail');
  });

  it('takes what a later probe found when nothing had begun before', () => {
    const run = readyRun(two, failed(one), retry, started(again, { before: { nova: '1.2' } }));
    expect(state(run)).toMatchObject({ attempt: 2, began: true, before: { nova: '1.2' } });
  });

  it('is not changed by what an earlier attempt still says', () => {
    const run = readyRun(two, started(one), outcomeUnknown(one), retry, started(again));
    for (const late of [
      succeeded(one),
      failed(one),
      outcomeUnknown(one),
      linkWasLost(one),
      reattached(one),
      stopped(one),
      stopped(one, alive),
      unchanged(one),
      started(one),
      proofGiven(one, 'seen'),
      personAsked(one),
    ]) {
      const now = evolve(run, late);
      expect(state(now)).toEqual(state(run));
      expect(now.version).toBe(run.version + 1);
    }
  });

  it('is silent no longer once its host has said that it knows nothing of it', () => {
    const lost = readyRun(two, started(one), linkWasLost(one), outcomeUnknown(one, 'silent'));
    const told = evolve(lost, {
      ...outcomeUnknown(one, 'ctl1 knows nothing of it'),
      forgotten: true,
    });

    expect(state(told)).toMatchObject({
      status: 'unknown',
      evidence: 'ctl1 knows nothing of it',
    });
    expect(state(told)).not.toHaveProperty('lostAt');
    expect(decide(told)).toEqual([]);
  });

  it('has lost its link since the first time that it was said, until it answers', () => {
    const lost = readyRun(
      two,
      started(one),
      linkWasLost(one),
      linkWasLost(one),
      outcomeUnknown(one, 'silent'),
    );
    expect(state(lost)).toMatchObject({ status: 'unknown', lostAt: after(4), evidence: 'silent' });

    const back = evolve(lost, reattached(one));
    expect(state(back)).toMatchObject({
      status: 'running',
      reattached: { reason: expect.any(String) },
    });
    expect(state(back)).not.toHaveProperty('lostAt');
    expect(state(back)).not.toHaveProperty('evidence');
    expect(state(evolve(lost, succeeded(one)))).not.toHaveProperty('lostAt');
    expect(state(evolve(lost, failed(one)))).not.toHaveProperty('lostAt');
  });

  it('says what outlived an abort, and forgets it when it answers or is ended again', () => {
    const run = readyRun(two, started(one), abortRequested(), stopped(one, alive));
    expect(state(run)).toMatchObject({
      status: 'unknown',
      alive,
      evidence: 'still alive on ctl1: pid 7 (apt-get)',
    });
    for (const event of [abortRequested(), rollbackRequested('one'), reattached(one)])
      expect(state(evolve(run, event))).not.toHaveProperty('alive');
    expect(state(evolve(run, stopped(one)))).toMatchObject({ status: 'stopped', alive: [] });
  });

  it('says who skipped it and why, and who gave the proof', () => {
    expect(state(readyRun(two, started(one), failed(one), skip))).toMatchObject({
      status: 'skipped',
      began: true,
      skipped: { by: 'UBEN', reason: 'done by hand' },
    });
    const looked = work('look');
    expect(
      state(readyRun(person, personAsked(looked), proofGiven(looked, 'seen', 'UCHIE')), looked),
    ).toMatchObject({ status: 'succeeded', began: true, proof: { by: 'UCHIE', text: 'seen' } });
  });
});
