import { describe, expect, it } from '@jest/globals';
import { offeredActions } from '../../../jobs/run/act.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import * as e from '../../support/runs/events.ts';

const road = e.planOf(e.step('stop-nova'), e.step('db-sync', { exit: 'oneWay' }));
const approved = [e.requested(road), e.hostReady('ctl1'), e.gateApproved('stop-nova', road)];
const first = e.work('stop-nova');
const sync = e.work('db-sync');
const stopped = [...approved, e.started(first), e.succeeded(first)];
const refusedBy = (of: typeof first) => e.failed(of, { neverBegan: true });

const undone = (...events: Parameters<typeof fold>[0]): string[] =>
  planRollback(fold(events)).steps.map(({ step }) => step.id);

describe('a step that the host refused to start', () => {
  it('has nothing to undo', () => {
    const run = fold([...approved, e.started(first), refusedBy(first)]);

    expect(offeredActions(run)).toEqual(['retry', 'skip', 'pause', 'abort']);
  });

  it('shuts no rollback, though it would be one-way', () => {
    expect(undone(...stopped, e.started(sync), refusedBy(sync))).toEqual(['stop-nova']);
    expect(undone(...stopped, e.started(sync), e.failed(sync))).toEqual([]);
  });

  it('keeps what an earlier attempt began', () => {
    const again = e.work('stop-nova', 'ctl1', { attempt: 2 });
    const retried = e.retryRequested({ phase: 'apply', step: 'stop-nova', hosts: ['ctl1'] });
    const events = [...approved, e.started(first), e.failed(first), retried];

    expect(undone(...events, e.started(again), refusedBy(again))).toEqual(['stop-nova']);
  });
});
