import { rollbackPrice } from '../../../../jobs/run/rollback/rollback-price.ts';
import { priceLines } from '../../../../bot/views/rollback/price-lines.ts';
import { describe, expect, it } from '@jest/globals';
import { approvalMessage } from '../../../../bot/views/plan/approval.ts';
import { planMarkdown } from '../../../../bot/views/plan/plan-files.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { handlerOf } from '../../../../jobs/run/plan.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';
import { cardOfEvents } from '../../../support/runs/liberty-run.ts';

const { asks, undoByPerson } = handlerOf({
  id: 'snapshot',
  kind: 'host-snapshot',
  params: { hosts: ['ctl1', 'ctl2'], label: 'before-epoxy' },
});
if (asks === undefined) throw new Error('the kind asks for nothing');
const snapshot = e.step('snapshot', {
  doer: 'person',
  apply: [],
  restores: 'hosts',
  covers: ['ctl1', 'ctl2'],
  asks,
  undoByPerson,
});
const release = e.step('release', {
  title: 'upgrade the distribution',
  exit: 'restorable',
  restoredBy: 'hosts',
  gate: 1,
});
const plan = e.planOf(snapshot, release);
const begun = [
  e.requested(plan),
  e.hostReady('ctl1'),
  e.approvalRequested('snapshot'),
  e.gateApproved('snapshot', plan),
  e.personAsked(e.work('snapshot')),
];
const taken = [...begun, e.proofGiven(e.work('snapshot'), 'before-epoxy on ctl1 and ctl2')];
const moved = [
  ...taken,
  e.approvalRequested('release'),
  e.gateApproved('release', plan),
  e.started(e.work('release')),
];

describe('snapshots of whole hosts', () => {
  it('are asked for in words that name the hosts', () => {
    const seen = drawnMessage(cardOfEvents(...begun));

    expect(seen).toContain('all of its disks, of each of: ctl1, ctl2. Call it before-epoxy.');
    expect(seen).toContain('*Then paste*  the name of the snapshot of each host');
    expect(planMarkdown(plan)).toContain('of each of: ctl1, ctl2. Call it before-epoxy.');
  });

  it('are said to be what a person restores, before anybody approves what needs them', () => {
    const run = fold([...taken, e.approvalRequested('release')]);

    const look = { approvers: ['UBEN'], words: { in: 'a file' } } as const;
    expect(drawnMessage(approvalMessage(run, 'release', look))).toContain(
      '*Rollback*  before step 2: as it was; after it by the snapshots of whole hosts of step 1, which a person restores, what is written since is lost',
    );
    expect(planMarkdown(plan)).toContain('a person restores the whole host from its snapshot');
  });

  it('are named when a rollback would restore them', () => {
    const seen = cardOfEvents(...moved);

    const price = rollbackPrice(fold(e.inOrder(...moved)));
    expect(price && priceLines(price, { now: e.after(60) })).toEqual([
      'No database goes back, so nothing that was written is lost',
      'Restored whole by a person: ctl1, ctl2',
      '2 steps on 1 host, last to first',
    ]);
    expect(drawnMessage(seen)).toContain(
      '*Rollback*  to the start: undoes 2 steps on ctl1; *a person restores whole hosts from snapshots:* ctl1, ctl2',
    );
  });

  it('are restored by a person who is told how', () => {
    const undo = e.work('release', 'ctl1', { phase: 'undo' });
    const seen = cardOfEvents(
      ...moved,
      e.succeeded(e.work('release')),
      e.rollbackRequested('snapshot'),
      e.started(undo),
      e.succeeded(undo),
      e.personAsked(e.work('snapshot', 'ctl1', { phase: 'undo' })),
    );

    expect(drawnMessage(seen)).toContain(
      'Restore whole hosts from their snapshots before-epoxy: ctl1',
    );
  });
});
