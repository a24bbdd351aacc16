import { describe, expect, it } from '@jest/globals';
import { gateRequests } from '../../../bot/outbox/gate-requests.ts';
import { approvalMessage } from '../../../bot/views/plan/approval.ts';
import { approvalFile } from '../../../bot/views/plan/approval-thread.ts';
import { threadLines } from '../../../bot/views/thread/thread.ts';
import { actOnRun } from '../../../jobs/run/act.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { buttonLabels, drawnMessage } from '../../support/slack/drawn.ts';
import * as e from '../../support/runs/events.ts';
import { ann } from '../../support/runs/run-states.ts';

const of = e.planOf(e.step('packages', { title: 'install nova' }), e.step('sync'));
const way = {
  title: 'Repair, then try again',
  steps: [e.step('repair', { title: 'repair nova' })],
  after: 'retry' as const,
};
const failed = e.inOrder(
  e.requested(of),
  e.hostReady('ctl1'),
  e.approvalRequested('packages'),
  e.gateApproved('packages', of),
  e.started(e.work('packages')),
  e.failed(e.work('packages')),
);
const verdict = actOnRun(fold(failed), { name: 'fix', way }, ann, e.after(60));
if ('refused' in verdict) throw new Error(verdict.reason);
const asked = [...failed, verdict.event, e.atSecond(61, e.approvalRequested('repair-w1'))];

const look = {
  approvers: ['UANN', 'UBEN', 'UCHIE'],
  dates: 'plain',
  words: { in: 'a file' },
} as const;
const messages = (...events: readonly RunEvent[]) =>
  gateRequests([...asked, ...events]).map(({ gate, request, state }) =>
    approvalMessage(state, gate, { ...look, request }),
  );

describe('the requests for approval of a run with a fix', () => {
  it('show the steps of the fix and the failed one again, and nothing of what was approved', () => {
    const [before, now] = messages();

    expect(drawnMessage(before ?? { blocks: [] })).toMatch(
      /^\*Approved\* steps from \*install nova\* onwards, by <@UBEN>/,
    );
    const seen = drawnMessage(now ?? { blocks: [] });
    expect(seen).toContain('Approve steps 2–3 of 4? staging: Restart nova');
    const { state, request } = gateRequests(asked).at(-1) ?? { state: fold(asked), request: '' };
    const words = approvalFile(state, 'repair-w1', request).content;
    expect(words).toContain('sudo -n -- do repair');
    expect(words).toContain('sudo -n -- do packages');
    expect(words).not.toContain('do sync');
    expect(Object.keys(buttonLabels(now ?? { blocks: [] }))).toEqual([
      'look.read',
      'run.approve',
      'run.reject',
    ]);
  });

  it('name who chose it among those who do not approve it', () => {
    const ben = { id: 'UBEN', isEngineer: false, isApprover: true };
    const own = actOnRun(fold(failed), { name: 'fix', way }, ben, e.after(60));
    const log =
      'event' in own
        ? [...failed, own.event, e.atSecond(61, e.approvalRequested('repair-w1'))]
        : [];
    const { state } = gateRequests(log).at(-1) ?? { state: fold(failed) };
    const seen = drawnMessage(approvalMessage(state, 'repair-w1', look));

    expect(seen).toContain('asks <@UCHIE>\n');
    expect(seen).toContain('<@UBEN> chose this fix and does not approve it');
  });

  it('say why a fix was left that somebody rejected', () => {
    const no = e.atSecond(70, e.rejected('repair-w1', 'not on this host'));
    const [, now] = messages(no);

    expect(drawnMessage(now ?? { blocks: [] })).toMatch(
      /^\*Rejected\* steps from \*repair nova\* onwards, by <@UBEN> .*: not on this host/,
    );
    expect(buttonLabels(now ?? { blocks: [] })).toEqual({});
    const last = threadLines([...asked, no], { dates: 'plain' }).at(-1) ?? { blocks: [] };
    expect(drawnMessage(last)).toContain(
      'not on this host. The fix is dropped; the failed step needs a decision again',
    );
  });

  it('are told in the thread, step by step', () => {
    const lines = threadLines(asked, { dates: 'plain' }).map((line) => drawnMessage(line));

    expect(lines.at(-1)).toBe(
      '<@UANN> chose a fix: *Repair, then try again*. Once approved, it runs:\n• repair nova, on ctl1\n• Again: install nova, on ctl1',
    );
  });
});
