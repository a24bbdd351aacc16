import { describe, expect, it } from '@jest/globals';
import {
  type WordsPlace,
  approvalMessage,
  charactersSeen,
} from '../../../../bot/views/plan/approval.ts';
import { approvalFile, approvalReading } from '../../../../bot/views/plan/approval-thread.ts';
import { knownCloud } from '../../../support/slack/known-cloud.ts';
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

const look = {
  approvers,
  dates: 'plain',
  words: { in: 'a file' },
  known: knownCloud(approvers),
} as const;

const message = (events: readonly RunEvent[], request?: string) =>
  approvalMessage(fold(e.inOrder(...events)), 'stop-nova', {
    ...look,
    ...(request === undefined ? {} : { request }),
  });

describe('approval message', () => {
  it('says on one screen what users feel, what is done, how to get out, and who may', () => {
    expect(drawnMessage(message(asked))).toBe(
      [
        'Approve steps 1–2 of 3? staging: Restart nova',
        '*0 of 2 approvals*  ·  asks <@UBEN>, <@UCHIE>, <!subteam^S0LEADS>',
        "*Impact*  not known: the cloud's file does not say which services run where",
        '*Does*  runs 1 command of no known kind on 2 hosts',
        '*Rollback*  any time: every step can be undone',
        '*Unusual*  nothing unusual',
        '*Words*  every command on every host is in the file in the thread',
        `Restart nova  ·  <@UANN> started it and does not approve it  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
        '[Read all 2 steps] [Approve…] [Reject…]',
      ].join('\n'),
    );
  });

  it.each<[string, WordsPlace, RegExp]>([
    ['before its words stand in the thread', { in: 'nowhere yet' }, /\*Wait\* .* on their way/],
    ['once they are gone', { in: 'nowhere any more' }, /\*Wait\* .* are gone from the thread/],
  ])('has no buttons %s, and says so', (_when, words, says) => {
    const seen = approvalMessage(fold(asked), 'stop-nova', { ...look, words });

    expect(Object.keys(buttonLabels(seen))).toEqual(['look.read']);
    expect(drawnMessage(seen)).toMatch(says);
  });

  it('says where the words are that the workspace took no file for', () => {
    const words = { in: 'messages', why: 'file_uploads_disabled' } as const;
    const seen = approvalMessage(fold(asked), 'stop-nova', { ...look, words });

    expect(drawnMessage(seen)).toContain(
      'Slack takes no file here (file_uploads_disabled): every command stands in messages',
    );
    expect(Object.keys(buttonLabels(seen))).toEqual(['look.read', 'run.approve', 'run.reject']);
  });

  it('has every command in the file, a long script once and word for word', () => {
    const script = ['set -e', ...Array.from({ length: 9 }, (_, index) => `echo "${index}"`)];
    const words = ['sh', '-c', script.join('\n'), 'sh', 'a b', '⟨script⟩'];
    const scripted = e.planOf(
      e.step('stop-nova', { hosts: ['ctl1', 'ctl2'], gate: 1, apply: [{ words }] }),
    );
    const run = fold(e.inOrder(e.requested(scripted), e.approvalRequested('stop-nova')));
    const { name, content } = approvalFile(run, 'stop-nova', e.after(10));

    expect(name).toMatch(/^run-7f3a12-step-1-plan-[0-9a-f]{6}-\d+\.md$/);
    expect(content).toContain(run.planHash);
    expect(content).toContain('on ctl1, ctl2');
    expect(content).toMatch(
      /^ {4}sh -c ⟨script of 10 lines, sha256 [0-9a-f]{8}⟩ sh 'a b' '⟨script⟩'$/m,
    );
    expect(content).toContain(script.map((line) => `    ${line}`).join('\n'));
  });

  it('says what is known about what comes, cut to fit; the reading in the thread has all', () => {
    const notes = Array.from(
      { length: 9 },
      (_, index) => `Issue ${index}. ${'x'.repeat(400)} [LP]`,
    );
    const noted = e.planOf(e.step('hop', { notes: ['It is <slow>. Wait. [LP 1]', ...notes] }));
    const run = fold(
      e.inOrder(e.requested(noted), e.hostReady('ctl1'), e.approvalRequested('hop')),
    );

    expect(drawnMessage(approvalMessage(run, 'hop', look))).toContain(
      '*Known*  It is &lt;slow&gt;. · Issue 0. · 8 more, in the thread',
    );
    const reading = approvalReading(run, 'hop', look.known).map(drawnMessage).join('\n');
    expect(reading).toContain('• *It is &lt;slow&gt;.* Wait. [LP 1]');
    expect(reading).toContain('• *Issue 8.*');
  });

  it('is at most 1,200 characters, whatever there is to say', () => {
    const steps = Array.from({ length: 60 }, (_, index) =>
      e.step(`s${index}`, {
        title: 'x'.repeat(200),
        exit: index % 2 === 0 ? 'oneWay' : 'reversible',
      }),
    );
    const [start, ...rest] = steps;
    const notes = Array.from({ length: 30 }, (_, index) => `Known ${index} ${'y'.repeat(300)}`);
    const long = e.planOf({ ...(start ?? e.step('s0')), notes, gate: 2 }, ...rest);
    const run = fold(e.inOrder(e.requested(long), e.hostReady('ctl1'), e.approvalRequested('s0')));
    const many = Array.from({ length: 40 }, (_, index) => `U00000000${index}`);
    const seen = approvalMessage(run, 's0', { ...look, approvers: many });

    expect(charactersSeen(seen.blocks)).toBeLessThanOrEqual(1200);
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
    const alone = approvalMessage(fold(asked), 'stop-nova', { ...look, approvers: ['UANN'] });

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

    const seen = drawnMessage(approvalMessage(run, 'db-sync', look));
    expect(seen).toContain('*Rollback*  none for step 3: one-way');
    expect(seen).toContain('*Unusual*  step 3: one-way');
  });

  it('has no buttons while the run is paused, and says how to get them back', () => {
    const paused = message([...asked, e.paused()]);

    expect(Object.keys(buttonLabels(paused))).toEqual(['look.read']);
    expect(drawnMessage(paused)).toContain('the run is paused; Resume brings the buttons back');
  });

  it('says after approval who gave it, when, and for which plan', () => {
    const seen = message([...asked, e.atSecond(61, first), e.atSecond(125, second)]);

    expect(drawnMessage(seen)).toBe(
      `*Approved* steps from *stop nova* onwards, by <@UBEN> 02:01 UTC, <@UCHIE> 02:02 UTC\nRestart nova · staging  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
    );
    expect(buttonLabels(seen)).toEqual({});
  });

  it('says after a rejection who, when and why', () => {
    const seen = message([
      ...asked,
      e.atSecond(61, e.rejected('stop-nova', 'the <audit>\n*Approved*')),
    ]);

    expect(drawnMessage(seen)).toContain(
      '*Rejected* steps from *stop nova* onwards, by <@UBEN> 02:01 UTC: the &lt;audit&gt; *Approved*',
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

    expect(buttonLabels(message(again, e.after(300)))).toMatchObject({ 'run.approve': 'Approve…' });
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
