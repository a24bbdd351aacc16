import { describe, expect, it } from '@jest/globals';
import { offers, seenBy, standing } from '../../../jobs/run/act.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import {
  abortRequested,
  approvalRequested,
  approved,
  failed,
  plan,
  readyRun,
  rollbackRequested,
  runEnded,
  started,
  step,
  succeeded,
  unknown,
  work,
} from '../../support/runs/events.ts';
import {
  ann,
  ben,
  chie,
  dan,
  stuckEvent,
  eve,
  at,
  one,
  walled,
  here,
  there,
  running,
  press,
  states,
} from '../../support/runs/run-states.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

describe('what is offered', () => {
  const wanted: readonly (readonly [keyof typeof states, readonly ActionName[]])[] = [
    ['checking', ['pause', 'abort']],
    ['asking', ['approve', 'reject', 'pause', 'abort']],
    ['running', ['pause', 'rollback', 'abort']],
    ['failed', ['retry', 'skip', 'pause', 'rollback', 'abort']],
    ['silent', ['retry', 'skip', 'pause', 'rollback', 'abort']],
    ['alive', ['retry', 'skip', 'pause', 'rollback', 'abort']],
    ['personAsked', ['done', 'pause', 'abort']],
    ['paused', ['resume', 'rollback', 'abort']],
    ['pausedAtGate', ['resume', 'abort']],
    ['rollingBack', ['pause', 'abort']],
    ['aborting', []],
    ['outlived', ['skip', 'abort']],
    ['succeeded', ['rollback']],
    ['nothingDone', []],
    ['rolledBack', []],
  ];
  for (const [name, names] of wanted) {
    it(`while ${name}: ${names.join(', ') || 'nothing'}`, () => {
      expect(offers(states[name])).toEqual(names);
    });
  }

  it('can be pressed, each by somebody, and nothing else by anybody', () => {
    const names: ActionName[] = [
      ...(['approve', 'reject', 'pause', 'resume', 'abort'] as const),
      ...(['retry', 'skip', 'rollback', 'done'] as const),
    ];
    for (const run of Object.values(states)) {
      for (const name of names) {
        const verdict = press(run, ben, name, { text: 'because', seen: seenBy(run, name) });
        expect([name, 'event' in verdict]).toEqual([name, offers(run).includes(name)]);
        if ('refused' in verdict) expect(verdict.reason).toMatch(/\w+ \w+/);
      }
    }
  });
});

describe('who may', () => {
  it('approve: approvers, but not who started the run', () => {
    expect(press(states.asking, ann, 'approve')).toEqual({
      refused: 'notAllowed',
      reason: 'whoever starts a run does not approve it; another approver has to',
    });
    for (const who of [dan, eve])
      expect(press(states.asking, who, 'approve')).toEqual({
        refused: 'notAllowed',
        reason: 'only approvers of this cloud may',
      });
    expect(press(states.asking, ben, 'approve')).toEqual({
      event: { type: 'ApprovalGiven', at, gate: 'one', by: 'UBEN', planHash: planHash(one) },
    });
  });

  it('reject: approvers, and with a reason', () => {
    expect(press(states.asking, dan, 'reject', { text: 'no' })).toMatchObject({
      refused: 'notAllowed',
    });
    expect(press(states.asking, ben, 'reject', { text: ' ' })).toEqual({
      refused: 'incomplete',
      reason: 'say why: reject RUN REASON',
    });
    expect(press(states.asking, ann, 'reject', { text: ' not at noon ' })).toEqual({
      event: { type: 'Rejected', at, gate: 'one', by: 'UANN', reason: 'not at noon' },
    });
  });

  it('the rest: engineers and approvers, and nobody else', () => {
    for (const who of [ann, ben, dan])
      expect(press(states.running, who, 'pause')).toEqual({
        event: { type: 'Paused', at, by: who.id },
      });
    for (const name of ['pause', 'abort', 'rollback'] as const)
      expect(press(states.running, eve, name)).toEqual({
        refused: 'notAllowed',
        reason: 'only engineers and approvers of this cloud may',
      });
  });

  it('is said before anything else, so that a stranger learns nothing', () => {
    for (const run of Object.values(states))
      expect(press(run, eve, 'rollback')).toMatchObject({ refused: 'notAllowed' });
  });
});

describe('several approvals', () => {
  const two = plan(step('one', { gate: 2 }));
  const given = readyRun(two, approvalRequested('one'), approved('one', two));

  it('come from different people', () => {
    expect(press(given, ben, 'approve')).toEqual({
      refused: 'already',
      reason: 'you have approved this already; it needs someone else too',
    });
    expect(press(given, chie, 'approve')).toMatchObject({
      event: { type: 'ApprovalGiven', by: 'UCHIE' },
    });
  });

  it('leave the button that others have seen as it was', () => {
    const seen = seenBy(readyRun(two, approvalRequested('one')), 'approve');
    expect(press(given, chie, 'approve', { seen })).toHaveProperty('event');
  });
});

describe('retry, skip and done', () => {
  it('are about the hosts where the step is stuck, one step at a time', () => {
    const run = running(started(here), failed(here), started(there), unknown(there));
    expect(press(run, dan, 'retry')).toEqual({
      event: { type: 'RetryRequested', at, by: 'UDAN', ...stuckEvent(['ctl1', 'cmp1']) },
    });
    expect(press(run, dan, 'skip', { text: 'done by hand' })).toEqual({
      event: {
        type: 'SkipRequested',
        at,
        by: 'UDAN',
        reason: 'done by hand',
        ...stuckEvent(['ctl1', 'cmp1']),
      },
    });
  });

  it('want words where words are needed', () => {
    expect(press(states.failed, dan, 'skip')).toEqual({
      refused: 'incomplete',
      reason: 'say why: skip RUN REASON',
    });
    expect(press(states.personAsked, dan, 'done', { text: '' })).toEqual({
      refused: 'incomplete',
      reason: 'paste what shows that it is done: done RUN PROOF',
    });
    expect(press(states.personAsked, dan, 'done', { text: 'seen' })).toEqual({
      event: { type: 'ProofGiven', at, by: 'UDAN', work: work('look'), proof: 'seen' },
    });
  });
});

describe('a rollback', () => {
  const wentOn = readyRun(
    walled,
    started(here),
    succeeded(here),
    started(work('wall')),
    succeeded(work('wall')),
    started(work('three')),
  );

  it('goes as far back as it can, or as far as it was told', () => {
    const run = running(
      started(here),
      succeeded(here),
      started(there),
      succeeded(there),
      started(work('two')),
    );
    expect(press(run, dan, 'rollback')).toEqual({
      event: { type: 'RollbackRequested', at, by: 'UDAN', to: 'one' },
    });
    expect(press(run, dan, 'rollback', { step: 'two' })).toMatchObject({ event: { to: 'two' } });
    expect(press(wentOn, dan, 'rollback')).toMatchObject({ event: { to: 'three' } });
  });

  it('says why it cannot go there', () => {
    expect(press(wentOn, dan, 'rollback', { step: 'nowhere' })).toEqual({
      refused: 'incomplete',
      reason: 'the plan has no step nowhere; its steps are one, wall, three',
    });
    for (const to of ['one', 'wall'])
      expect(press(wentOn, dan, 'rollback', { step: to })).toEqual({
        refused: 'incomplete',
        reason:
          'there is no way back before "wall": it is one-way. Going back to just after it works: /upgrade rollback 7f3a12',
      });
    expect(press(states.running, dan, 'rollback', { step: 'two' })).toEqual({
      refused: 'incomplete',
      reason: 'nothing that began would be undone',
    });
  });

  it('goes back at least as far as an earlier one had begun to', () => {
    const run = readyRun(
      plan(step('one'), step('two'), step('three')),
      started(here),
      started(work('two')),
      started(work('three')),
      rollbackRequested('one'),
      started(work('three', 'ctl1', { phase: 'undo' })),
      succeeded(work('three', 'ctl1', { phase: 'undo' })),
      started(work('two', 'ctl1', { phase: 'undo' })),
      failed(work('two', 'ctl1', { phase: 'undo' })),
      abortRequested(),
      runEnded('aborted'),
    );
    expect(press(run, dan, 'rollback', { step: 'three' })).toEqual({
      refused: 'incomplete',
      reason:
        'undoing "two" has begun already, so the way back leads to before it at least: /upgrade rollback 7f3a12 two',
    });
    expect(press(run, dan, 'rollback', { step: 'two' })).toMatchObject({ event: { to: 'two' } });
    expect(press(run, dan, 'rollback')).toMatchObject({ event: { to: 'one' } });
  });
});

describe('where a run stands', () => {
  it('is one sentence in every state', () => {
    const sentences = Object.values(states).map((run) => standing(run));
    for (const sentence of sentences) expect(sentence).toMatch(/^Run 7f3a12 .*\.$/);
    expect(standing(states.asking)).toBe('Run 7f3a12 waits for approval before "one".');
  });
});
