import { describe, expect, it } from '@jest/globals';
import {
  approvalDetails,
  approvalMessage,
  isApprovalCut,
} from '../../../../bot/views/plan/approval.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { buttonLabels, confirmOf, drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

const road = e.planOf(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'], batch: 1, gate: 2 }),
  e.step('config', {
    title: 'write nova.conf',
    apply: [{ words: ['tee', '/etc/nova/nova $1.conf'], stdin: '[DEFAULT]\ndebug = <yes>\n' }],
  }),
  e.step('db-sync', { title: 'sync the database', exit: 'oneWay', gate: 1 }),
);
const asked = [
  e.requested(road),
  e.hostReady('ctl1'),
  e.hostReady('ctl2'),
  e.atSecond(10, e.approvalRequested('stop-nova')),
];
const approvers = ['UANN', 'UBEN', 'UCHIE', 'S0LEADS'];
const first = e.gateApproved('stop-nova', road, 'UBEN');
const second = e.gateApproved('stop-nova', road, 'UCHIE');

const message = (events: readonly RunEvent[], request?: string) =>
  approvalMessage(fold(e.inOrder(...events)), 'stop-nova', {
    approvers,
    dates: 'plain',
    ...(request === undefined ? {} : { request }),
  });

describe('approval message', () => {
  it('calls those who may, and shows every command up to the next gate, word for word', () => {
    expect(drawnMessage(message(asked))).toBe(
      [
        'Approve steps 1 to 2? First: stop nova',
        '*0 of 2 approvals*  ·  asks <@UBEN>, <@UCHIE>, <!subteam^S0LEADS>',
        '*Next*  2 steps on ctl1, ctl2',
        '*1. stop nova*  ·  on ctl1, ctl2  ·  1 at a time',
        '`sudo -n -- do stop-nova`',
        '*2. write nova.conf*  ·  on ctl1',
        "`tee '/etc/nova/nova $1.conf'`",
        'with this on its standard input (24 bytes):',
        '`[DEFAULT]`',
        '`debug = &lt;yes&gt;`',
        '*Rollback*  every step can be undone',
        `Restart nova · staging  ·  <@UANN> started it and does not approve it  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
        '[Approve] [Reject…]',
      ].join('\n'),
    );
  });

  it('names a long script, and gives it word for word in the thread', () => {
    const script = [
      'set -e',
      ...Array.from({ length: 9 }, (_, index) => `echo "line ${index}"`),
    ].join('\n');
    const words = ['sh', '-c', script, 'sh', 'a b', '⟨script⟩'];
    const scripted = e.planOf(
      e.step('stop-nova', { hosts: ['ctl1'], gate: 1, apply: [{ words }] }),
    );
    const run = fold([
      e.requested(scripted),
      e.hostReady('ctl1'),
      e.atSecond(10, e.approvalRequested('stop-nova')),
    ]);

    const seen = drawnMessage(approvalMessage(run, 'stop-nova', { approvers }));
    expect(seen).toMatch(/`sh -c ⟨script of 10 lines, sha256 [0-9a-f]{8}⟩ sh 'a b' '⟨script⟩'`/);
    expect(seen).toContain('The scripts ⟨…⟩ stand in the thread, word for word');
    expect(isApprovalCut(run, 'stop-nova')).toBe(true);
    const details = approvalDetails(run, 'stop-nova').map(drawnMessage).join('\n');
    for (const line of script.split('\n').slice(1)) expect(details).toContain(`\`${line}`);
  });

  it('says what is known about what comes, with its sources, and leaves the rest to the thread', () => {
    const notes = Array.from(
      { length: 9 },
      (_, index) => `Issue ${index}. ${'x'.repeat(400)} [LP]`,
    );
    const of = (...all: string[]) => {
      const noted = e.planOf(e.step('hop', { notes: all }));
      return fold(e.inOrder(e.requested(noted), e.hostReady('ctl1'), e.approvalRequested('hop')));
    };
    const [short, long] = [of('It is <slow>. Wait. [LP 1]'), of(...notes)];

    expect(drawnMessage(approvalMessage(short, 'hop', { approvers }))).toContain(
      '*Known*\n• *It is &lt;slow&gt;.* Wait. [LP 1]',
    );
    expect(isApprovalCut(short, 'hop')).toBe(false);
    expect(drawnMessage(approvalMessage(long, 'hop', { approvers }))).toContain(
      '… and 4 more: all in the thread',
    );
    expect(isApprovalCut(long, 'hop')).toBe(true);
    expect(approvalDetails(long, 'hop').map(drawnMessage).join('\n')).toContain('• *Issue 8.*');
  });

  it('asks once more before approving, with what that lets happen', () => {
    expect(confirmOf(message(asked), 'run.approve')).toBe(
      `Lets run 7f3a12 do 2 steps on ctl1, ctl2: stop nova, write nova.conf. Plan ${mark}.`,
    );
  });

  it('counts approvals and no longer calls those who gave one', () => {
    expect(drawnMessage(message([...asked, first]))).toContain(
      '*1 of 2 approvals* (<@UBEN>)  ·  asks <@UCHIE>, <!subteam^S0LEADS>',
    );
  });

  it('says when nobody is left who may approve', () => {
    const alone = approvalMessage(fold(asked), 'stop-nova', { approvers: ['UANN'] });

    expect(drawnMessage(alone)).toContain(
      "nobody else can approve: see the access lists in the cloud's file",
    );
  });

  it('names the steps after which there is no rollback', () => {
    const run = fold([
      ...asked,
      first,
      second,
      ...['ctl1', 'ctl2'].map((host) => e.unchanged(e.work('stop-nova', host))),
      e.unchanged(e.work('config')),
      e.approvalRequested('db-sync'),
    ]);

    expect(drawnMessage(approvalMessage(run, 'db-sync', { approvers }))).toContain(
      '*Rollback*  after *sync the database* no rollback reaches the start: it is one-way',
    );
  });

  it('has no buttons while the run is paused, and says how to get them back', () => {
    const paused = message([...asked, e.paused()]);

    expect(buttonLabels(paused)).toEqual({});
    expect(drawnMessage(paused)).toContain('the run is paused; Resume brings the buttons back');
  });

  it('says after approval who gave it, when, and for which plan', () => {
    const seen = message([...asked, e.atSecond(61, first), e.atSecond(125, second)]);

    expect(drawnMessage(seen)).toBe(
      `*Approved* steps from *stop nova* on by <@UBEN> 02:01 UTC, <@UCHIE> 02:02 UTC\nRestart nova · staging  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
    );
    expect(buttonLabels(seen)).toEqual({});
  });

  it('says after a rejection who, when and why', () => {
    const seen = message([
      ...asked,
      e.atSecond(61, e.rejected('stop-nova', 'the <audit>\n*Approved*')),
    ]);

    expect(drawnMessage(seen)).toContain(
      '*Rejected* steps from *stop nova* on by <@UBEN> 02:01 UTC: the &lt;audit&gt; *Approved*',
    );
    expect(buttonLabels(seen)).toEqual({});
  });

  it('says that it is no longer asked when the run went another way', () => {
    const aborted = [...asked, e.abortRequested(), e.runEnded('aborted')];

    expect(drawnMessage(message(aborted))).toContain(
      '*Approval no longer needed* steps from *stop nova*',
    );
    expect(buttonLabels(message(aborted))).toEqual({});
  });

  it('keeps the message of an earlier request apart from that of a new one', () => {
    const again = [
      ...asked,
      e.rejected('stop-nova', 'wait'),
      e.resumed(),
      e.atSecond(300, e.approvalRequested('stop-nova')),
    ];

    expect(buttonLabels(message(again, e.after(300)))).toMatchObject({ 'run.approve': 'Approve' });
    expect(buttonLabels(message(again, e.after(10)))).toEqual({});
    expect(message(again).blocks[0]?.block_id).not.toBe(
      message(again, e.after(10)).blocks[0]?.block_id,
    );
  });

  it('counts only approvals of this very plan, and each person once', () => {
    const other = e.gateApproved('stop-nova', e.planOf(e.step('other')), 'UBEN');

    expect(drawnMessage(message([...asked, other, second, second]))).toContain(
      '*1 of 2 approvals*',
    );
  });
});

const mark = fold([e.requested(road)]).planHash.slice(0, 6);
