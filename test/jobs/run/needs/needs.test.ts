import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { needsOf, openNeeds } from '../../../../jobs/run/needs/needs.ts';
import * as e from '../../../support/runs/events.ts';
import { runStates } from '../../../support/runs/run-states.ts';

describe('what needs a person', () => {
  it.each<[keyof typeof runStates, string[]]>([
    ['checking', []],
    ['asking', ['approval']],
    ['running', []],
    ['failed', ['failure']],
    ['silent', ['unknown']],
    ['personAsked', ['manual']],
    ['paused', []],
    ['pausedAtGate', []],
    ['rollingBack', []],
    ['aborting', []],
    ['succeeded', ['ended']],
    ['rolledBack', ['ended']],
  ])('%s: %j', (name, kinds) => {
    expect(openNeeds(runStates[name]).map(({ kind }) => kind)).toEqual(kinds);
  });

  const plan = e.planOf(e.step('one', { hosts: ['ctl1', 'cmp1'] }));
  const fails = (host: string, attempt = 1): RunEvent[] => {
    const work = e.work('one', host, { attempt });
    return [e.started(work), e.failed(work)];
  };
  const history = (...events: RunEvent[]) =>
    needsOf(e.inOrder(e.requested(plan), e.hostReady('ctl1'), e.hostReady('cmp1'), ...events)).map(
      ({ key, settled }) => [key, settled],
    );
  const stuck = { phase: 'apply' as const, step: 'one', hosts: ['ctl1', 'cmp1'] };

  it('is one thing for a step that fails on many hosts, and tells who settled it', () => {
    const begun = [e.approvalRequested('one'), e.gateApproved('one', plan)];
    const [gate, failure, again] = history(
      ...begun,
      ...fails('ctl1'),
      ...fails('cmp1'),
      e.retryRequested(stuck, 'UDAN'),
      ...fails('ctl1', 2),
    );
    expect(gate).toMatchObject([expect.stringMatching(/^approval[.]one[.]/), { by: 'UBEN' }]);
    expect(failure).toEqual(['failure.apply.one.1', { at: e.after(9), by: 'UDAN' }]);
    expect(again).toEqual(['failure.apply.one.2', undefined]);
  });

  it('is another one where the next host fails after the first was skipped', () => {
    const skipped = e.skipRequested({ ...stuck, hosts: ['ctl1'] }, 'it is going', 'UDAN');
    const [first, second, ...more] = history(...fails('ctl1'), skipped, ...fails('cmp1'));
    expect(first).toEqual(['failure.apply.one.1', { at: e.after(5), by: 'UDAN' }]);
    expect(second).toEqual([`failure.apply.one.1.${Date.parse(e.after(7))}`, undefined]);
    expect(more).toEqual([]);
  });

  it('is one thing for a step that people do host by host', () => {
    const byHand = e.planOf(e.step('one', { hosts: ['ctl1', 'cmp1'], doer: 'person', batch: 1 }));
    const works = ['ctl1', 'cmp1'].map((host) => e.work('one', host));
    const log = [
      e.requested(byHand),
      ...works.flatMap((work) => [e.personAsked(work), e.proofGiven(work, 'done', 'UDAN')]),
    ];
    const after = (events: number) =>
      needsOf(e.inOrder(...log.slice(0, events))).map(({ key, at, settled }) => [
        key,
        at,
        settled?.by,
      ]);
    expect(after(3)).toEqual([['manual.apply.one.1', e.after(1), 'UDAN']]);
    expect(after(4)).toEqual([['manual.apply.one.1', e.after(3), undefined]]);
    expect(after(5)).toEqual([['manual.apply.one.1', e.after(3), 'UDAN']]);
  });
});
