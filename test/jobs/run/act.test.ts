import { describe, expect, it } from '@jest/globals';
import { offeredActions, stateMark, runStanding } from '../../../jobs/run/act.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import {
  abortRequested,
  approvalRequested,
  gateApproved,
  failed,
  planOf,
  readyRun,
  rollbackRequested,
  runEnded,
  started,
  step,
  succeeded,
  outcomeUnknown,
  work,
} from '../../support/runs/events.ts';
import {
  ann,
  ben,
  chie,
  dan,
  stuckEvent,
  eve,
  pressedAt,
  hostsPlan,
  walledPlan,
  workHere,
  workThere,
  runningState,
  pressOn,
  runStates,
} from '../../support/runs/run-states.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

describe('what is offered', () => {
  const wanted: readonly (readonly [keyof typeof runStates, readonly ActionName[]])[] = [
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
      expect(offeredActions(runStates[name])).toEqual(names);
    });
  }

  it('can be pressed, each by somebody, and nothing else by anybody', () => {
    const names: ActionName[] = [
      ...(['approve', 'reject', 'pause', 'resume', 'abort'] as const),
      ...(['retry', 'skip', 'rollback', 'done'] as const),
    ];
    for (const run of Object.values(runStates)) {
      for (const name of names) {
        const verdict = pressOn(run, ben, name, { text: 'because', seen: stateMark(run, name) });
        expect([name, 'event' in verdict]).toEqual([name, offeredActions(run).includes(name)]);
        if ('refused' in verdict) expect(verdict.reason).toMatch(/\w+ \w+/);
      }
    }
  });
});

describe('who may', () => {
  it('approve: approvers, but not who started the run', () => {
    expect(pressOn(runStates.asking, ann, 'approve')).toEqual({
      refused: 'notAllowed',
      reason: 'whoever starts a run does not approve it; another approver has to',
    });
    for (const who of [dan, eve])
      expect(pressOn(runStates.asking, who, 'approve')).toEqual({
        refused: 'notAllowed',
        reason: 'only approvers of staging can approve or reject',
      });
    expect(pressOn(runStates.asking, ben, 'approve')).toEqual({
      event: {
        type: 'ApprovalGiven',
        at: pressedAt,
        gate: 'one',
        by: 'UBEN',
        planHash: planHash(hostsPlan),
      },
    });
  });

  it('reject: approvers, and with a reason', () => {
    expect(pressOn(runStates.asking, dan, 'reject', { text: 'no' })).toMatchObject({
      refused: 'notAllowed',
    });
    expect(pressOn(runStates.asking, ben, 'reject', { text: ' ' })).toEqual({
      refused: 'incomplete',
      reason: 'say why: reject RUN REASON',
    });
    expect(pressOn(runStates.asking, ann, 'reject', { text: ' not at noon ' })).toEqual({
      event: { type: 'Rejected', at: pressedAt, gate: 'one', by: 'UANN', reason: 'not at noon' },
    });
  });

  it('the rest: engineers and approvers, and nobody else', () => {
    for (const who of [ann, ben, dan])
      expect(pressOn(runStates.running, who, 'pause')).toEqual({
        event: { type: 'Paused', at: pressedAt, by: who.id },
      });
    for (const name of ['pause', 'abort', 'rollback'] as const)
      expect(pressOn(runStates.running, eve, name)).toEqual({
        refused: 'notAllowed',
        reason: 'only engineers and approvers of staging can do that',
      });
  });

  it('is said before anything else, so that a stranger learns nothing', () => {
    for (const run of Object.values(runStates))
      expect(pressOn(run, eve, 'rollback')).toMatchObject({ refused: 'notAllowed' });
  });
});

describe('several approvals', () => {
  const two = planOf(step('one', { gate: 2 }));
  const given = readyRun(two, approvalRequested('one'), gateApproved('one', two));

  it('come from different people', () => {
    expect(pressOn(given, ben, 'approve')).toEqual({
      refused: 'already',
      reason: 'you have approved this already; it needs someone else too',
    });
    expect(pressOn(given, chie, 'approve')).toMatchObject({
      event: { type: 'ApprovalGiven', by: 'UCHIE' },
    });
  });

  it('leave the button that others have seen as it was', () => {
    const seen = stateMark(readyRun(two, approvalRequested('one')), 'approve');
    expect(pressOn(given, chie, 'approve', { seen })).toHaveProperty('event');
  });
});

describe('retry, skip and done', () => {
  it('are about the hosts where the step is stuck, one step at a time', () => {
    const run = runningState(
      started(workHere),
      failed(workHere),
      started(workThere),
      outcomeUnknown(workThere),
    );
    expect(pressOn(run, dan, 'retry')).toEqual({
      event: { type: 'RetryRequested', at: pressedAt, by: 'UDAN', ...stuckEvent(['ctl1', 'cmp1']) },
    });
    expect(pressOn(run, dan, 'skip', { text: 'done by hand' })).toEqual({
      event: {
        type: 'SkipRequested',
        at: pressedAt,
        by: 'UDAN',
        reason: 'done by hand',
        ...stuckEvent(['ctl1', 'cmp1']),
      },
    });
  });

  it('want words where words are needed', () => {
    expect(pressOn(runStates.failed, dan, 'skip')).toEqual({
      refused: 'incomplete',
      reason: 'say why: skip RUN REASON',
    });
    expect(pressOn(runStates.personAsked, dan, 'done', { text: '' })).toEqual({
      refused: 'incomplete',
      reason: 'paste what shows that it is done: done RUN EVIDENCE',
    });
    expect(pressOn(runStates.personAsked, dan, 'done', { text: 'seen' })).toEqual({
      event: { type: 'ProofGiven', at: pressedAt, by: 'UDAN', work: work('look'), proof: 'seen' },
    });
  });
});

describe('a rollback', () => {
  const wentOn = readyRun(
    walledPlan,
    started(workHere),
    succeeded(workHere),
    started(work('wall')),
    succeeded(work('wall')),
    started(work('three')),
  );

  it('goes as far back as it can, or as far as it was told', () => {
    const run = runningState(
      started(workHere),
      succeeded(workHere),
      started(workThere),
      succeeded(workThere),
      started(work('two')),
    );
    expect(pressOn(run, dan, 'rollback')).toEqual({
      event: { type: 'RollbackRequested', at: pressedAt, by: 'UDAN', to: 'one' },
    });
    expect(pressOn(run, dan, 'rollback', { step: 'two' })).toMatchObject({ event: { to: 'two' } });
    expect(pressOn(wentOn, dan, 'rollback', { phrase: 'Staging keeps  “wall”' })).toMatchObject({
      event: { type: 'RollbackProposed', to: 'three' },
    });
  });

  it('says why it cannot go there', () => {
    expect(pressOn(wentOn, dan, 'rollback', { step: 'nowhere' })).toEqual({
      refused: 'incomplete',
      reason: 'the plan has no step nowhere; its steps are one, wall, three',
    });
    for (const to of ['one', 'wall'])
      expect(pressOn(wentOn, dan, 'rollback', { step: to })).toEqual({
        refused: 'incomplete',
        reason:
          'a rollback cannot go to before "wall": it is one-way. It can go to just after it: /upgrade rollback 7f3a12',
      });
    expect(pressOn(runStates.running, dan, 'rollback', { step: 'two' })).toEqual({
      refused: 'incomplete',
      reason: 'nothing that began would be undone',
    });
  });

  it('goes back at least as far as an earlier one had begun to', () => {
    const run = readyRun(
      planOf(step('one'), step('two'), step('three')),
      started(workHere),
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
    expect(pressOn(run, dan, 'rollback', { step: 'three' })).toEqual({
      refused: 'incomplete',
      reason:
        'undoing "two" has begun already, so the rollback goes to before it at least: /upgrade rollback 7f3a12 two',
    });
    expect(pressOn(run, dan, 'rollback', { step: 'two' })).toMatchObject({ event: { to: 'two' } });
    expect(pressOn(run, dan, 'rollback')).toMatchObject({ event: { to: 'one' } });
  });
});

describe('where a run stands', () => {
  it('is one sentence in every state', () => {
    const sentences = Object.values(runStates).map((run) => runStanding(run));
    for (const sentence of sentences) expect(sentence).toMatch(/^Run 7f3a12 .*\.$/);
    expect(runStanding(runStates.asking)).toBe(
      'Run 7f3a12 needs approval of steps 1 to 2, beginning with "one".',
    );
  });
});
