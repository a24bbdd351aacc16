import { describe, expect, it } from '@jest/globals';
import { doneAnswer } from '../../../bot/views/answers.ts';
import { runCard } from '../../../bot/views/card/run-card.ts';
import { runList, runStatus } from '../../../bot/views/status.ts';
import { threadLines } from '../../../bot/views/thread/thread.ts';
import { fold } from '../../../jobs/run/fold.ts';
import * as e from '../../support/runs/events.ts';
import { drawnMessage } from '../../support/slack/drawn.ts';

const now = e.after(600);
const plan = e.planOf(e.step('stop'), e.step('start', { gate: 1 }));
const asking = [e.requested(plan), e.hostReady('ctl1'), e.approvalRequested('stop')];
const begun = [
  ...asking,
  e.gateApproved('stop', plan),
  e.started(e.work('stop')),
  e.succeeded(e.work('stop')),
];

describe('what messages say of one run agrees:', () => {
  it('a rejection before anything began ends the run, and after that it pauses it', () => {
    const early = fold(e.inOrder(...asking, e.rejected('stop', 'no')));
    const late = fold(e.inOrder(...begun, e.approvalRequested('start'), e.rejected('start', 'no')));

    expect(doneAnswer(early, { name: 'reject' }).text).toBe(
      `Rejected. Run ${early.id} ends: nothing was run.`,
    );
    expect(doneAnswer(late, { name: 'reject' }).text).toContain('is paused');
  });

  it('an undone step is not ticked', () => {
    const undo = { phase: 'undo', step: 'stop', host: 'ctl1', attempt: 1 } as const;
    const back = e.inOrder(
      ...begun,
      e.rollbackRequested('stop'),
      e.started(undo),
      e.succeeded(undo),
    );
    const lineOf = (events: typeof back): string =>
      /^. 1\. .*$/m.exec(drawnMessage(runStatus(fold(events), now)))?.[0] ?? '';

    expect(lineOf(e.inOrder(...begun))).toMatch(/^✓ 1\./);
    expect(lineOf(back)).toMatch(/^↩ 1\./);
    expect(lineOf([...back, e.runEnded('rolledBack')])).toMatch(/^↩ 1\./);
  });

  it('who may see none of the runs does not read that there is none', () => {
    expect(runList([], now, 'plain', 3).text).toMatch(/^There are runs, and none on a cloud/);
    expect(runList([], now, 'plain').text).toMatch(/^There is no run yet/);
  });

  it('an aborted run says by whom, on its card and in its thread', () => {
    const aborted = e.inOrder(...begun, e.abortRequested(), e.runEnded('aborted'));
    const by = fold(aborted.slice(0, -1)).aborting?.by ?? '';

    expect(drawnMessage(runCard(fold(aborted), now, 'plain'))).toContain(`*Aborted* by <@${by}>`);
    expect(threadLines(aborted).at(-1)?.text).toContain(`aborted by <@${by}>, after`);
  });
});
