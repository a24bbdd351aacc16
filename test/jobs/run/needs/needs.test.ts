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
});
