import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { approvalDetails, approvalMessage, isCut } from '../../../bot/views/approval.ts';
import { toShell } from '../../../handlers/command.ts';
import type { RunEvent } from '../../../jobs/events.ts';
import { fold } from '../../../jobs/fold.ts';
import { handlerOf, type PlanStep } from '../../../jobs/plan.ts';
import { nastyText } from '../../support/any-run.ts';
import { buttons, confirmOf, drawn } from '../../support/drawn.ts';
import * as e from '../../support/events.ts';

const road = e.plan(
  e.step('stop-nova', { title: 'stop nova', hosts: ['ctl1', 'ctl2'], batch: 1, gate: 2 }),
  e.step('config', {
    title: 'write nova.conf',
    apply: [{ words: ['tee', '/etc/nova/nova $1.conf'], stdin: '[DEFAULT]\ndebug = <yes>\n' }],
  }),
  e.step('db-sync', { title: 'sync the database', exit: 'oneWay', gate: 1 }),
);
const asked = [
  e.requested(road),
  e.ready('ctl1'),
  e.ready('ctl2'),
  e.at(10, e.approvalRequested('stop-nova')),
];
const approvers = ['UANN', 'UBEN', 'UCHIE', 'S0LEADS'];
const first = e.approved('stop-nova', road, 'UBEN');
const second = e.approved('stop-nova', road, 'UCHIE');

const message = (events: readonly RunEvent[], request?: string) =>
  approvalMessage(fold(e.inOrder(...events)), 'stop-nova', {
    approvers,
    dates: 'plain',
    ...(request === undefined ? {} : { request }),
  });

describe('approval message', () => {
  it('calls those who may, and shows every command up to the next gate, word for word', () => {
    expect(drawn(message(asked))).toBe(
      [
        'Approval needed before: stop nova',
        '*0 of 2 approvals*  ·  asks <@UBEN>, <@UCHIE>, <!subteam^S0LEADS>',
        '*Next*  2 steps on ctl1, ctl2',
        '*1. stop nova*  ·  on ctl1, ctl2  ·  1 at a time',
        '`sudo -n -- do stop-nova`',
        '*2. write nova.conf*  ·  on ctl1',
        "`tee '/etc/nova/nova $1.conf'`",
        'with this on its standard input (24 bytes):',
        '`[DEFAULT]`',
        '`debug = &lt;yes&gt;`',
        '*Way out*  every step can be undone',
        `Restart nova · staging  ·  <@UANN> started it and does not approve it  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
        '[Approve] [Reject…]',
      ].join('\n'),
    );
  });

  it('names a long script, and gives it word for word in the thread', () => {
    const script = ['set -e', ...Array.from({ length: 9 }, (_, at) => `echo "line ${at}"`)].join(
      '\n',
    );
    const words = ['sh', '-c', script, 'sh', 'a b', '⟨script⟩'];
    const scripted = e.plan(e.step('stop-nova', { hosts: ['ctl1'], gate: 1, apply: [{ words }] }));
    const run = fold([
      e.requested(scripted),
      e.ready('ctl1'),
      e.at(10, e.approvalRequested('stop-nova')),
    ]);

    const seen = drawn(approvalMessage(run, 'stop-nova', { approvers }));
    expect(seen).toMatch(/`sh -c ⟨script of 10 lines, sha256 [0-9a-f]{8}⟩ sh 'a b' '⟨script⟩'`/);
    expect(seen).toContain('The scripts ⟨…⟩ stand in the thread, word for word');
    expect(isCut(run, 'stop-nova')).toBe(true);
    const details = approvalDetails(run, 'stop-nova').map(drawn).join('\n');
    for (const line of script.split('\n').slice(1)) expect(details).toContain(`\`${line}`);
  });

  it('says what is known about what comes, with its sources, and leaves the rest to the thread', () => {
    const notes = Array.from(
      { length: 9 },
      (_, index) => `Issue ${index}. ${'x'.repeat(400)} [LP]`,
    );
    const of = (...all: string[]) => {
      const noted = e.plan(e.step('hop', { notes: all }));
      return fold(e.inOrder(e.requested(noted), e.ready('ctl1'), e.approvalRequested('hop')));
    };
    const [short, long] = [of('It is <slow>. Wait. [LP 1]'), of(...notes)];

    expect(drawn(approvalMessage(short, 'hop', { approvers }))).toContain(
      '*Known*\n• *It is &lt;slow&gt;.* Wait. [LP 1]',
    );
    expect(isCut(short, 'hop')).toBe(false);
    expect(drawn(approvalMessage(long, 'hop', { approvers }))).toContain(
      '… and 4 more: all in the thread',
    );
    expect(isCut(long, 'hop')).toBe(true);
    expect(approvalDetails(long, 'hop').map(drawn).join('\n')).toContain('• *Issue 8.*');
  });

  it('asks once more before approving, with what that lets happen', () => {
    expect(confirmOf(message(asked), 'run.approve')).toBe(
      `Lets run 7f3a12 do 2 steps on ctl1, ctl2: stop nova, write nova.conf. Plan ${mark}.`,
    );
  });

  it('counts approvals and no longer calls those who gave one', () => {
    expect(drawn(message([...asked, first]))).toContain(
      '*1 of 2 approvals* (<@UBEN>)  ·  asks <@UCHIE>, <!subteam^S0LEADS>',
    );
  });

  it('says when nobody is left who may approve', () => {
    const alone = approvalMessage(fold(asked), 'stop-nova', { approvers: ['UANN'] });

    expect(drawn(alone)).toContain('nobody else may approve: see the access lists of the cloud');
  });

  it('names the steps after which there is no way back', () => {
    const run = fold([
      ...asked,
      first,
      second,
      ...['ctl1', 'ctl2'].map((host) => e.unchanged(e.work('stop-nova', host))),
      e.unchanged(e.work('config')),
      e.approvalRequested('db-sync'),
    ]);

    expect(drawn(approvalMessage(run, 'db-sync', { approvers }))).toContain(
      '*Way out*  after *sync the database* there is no way back to the start: it is one-way',
    );
  });

  it('has no buttons while the run is paused, and says how to get them back', () => {
    const paused = message([...asked, e.paused()]);

    expect(buttons(paused)).toEqual({});
    expect(drawn(paused)).toContain('the run is paused; Resume brings the buttons back');
  });

  it('says after approval who gave it, when, and for which plan', () => {
    const seen = message([...asked, e.at(61, first), e.at(125, second)]);

    expect(drawn(seen)).toBe(
      `*Approved* before *stop nova* by <@UBEN> 02:01 UTC, <@UCHIE> 02:02 UTC\nRestart nova · staging  ·  run \`7f3a12\`  ·  plan \`${mark}\``,
    );
    expect(buttons(seen)).toEqual({});
  });

  it('says after a rejection who, when and why', () => {
    const seen = message([...asked, e.at(61, e.rejected('stop-nova', 'the <audit>\n*Approved*'))]);

    expect(drawn(seen)).toContain(
      '*Rejected* before *stop nova* by <@UBEN> 02:01 UTC: the &lt;audit&gt; *Approved*',
    );
    expect(buttons(seen)).toEqual({});
  });

  it('says that it is no longer asked when the run went another way', () => {
    const aborted = [...asked, e.abortRequested(), e.runEnded('aborted')];

    expect(drawn(message(aborted))).toContain('*No longer asked* before *stop nova*');
    expect(buttons(message(aborted))).toEqual({});
  });

  it('keeps the message of an earlier request apart from that of a new one', () => {
    const again = [
      ...asked,
      e.rejected('stop-nova', 'wait'),
      e.resumed(),
      e.at(300, e.approvalRequested('stop-nova')),
    ];

    expect(buttons(message(again, e.after(300)))).toMatchObject({ 'run.approve': 'Approve' });
    expect(buttons(message(again, e.after(10)))).toEqual({});
    expect(message(again).blocks[0]?.block_id).not.toBe(
      message(again, e.after(10)).blocks[0]?.block_id,
    );
  });

  it('counts only approvals of this very plan, and each person once', () => {
    const other = e.approved('stop-nova', e.plan(e.step('other')), 'UBEN');

    expect(drawn(message([...asked, other, second, second]))).toContain('*1 of 2 approvals*');
  });
});

describe('commands that do not fit', () => {
  const long = e.plan(
    e.step('script', {
      apply: Array.from({ length: 100 }, (_, index) => ({ words: ['sh', '-c', `echo ${index}`] })),
    }),
  );
  const run = fold([e.requested(long), e.ready('ctl1'), e.approvalRequested('script')]);

  it('are cut in the message, which says so and where they all are', () => {
    const seen = drawn(approvalMessage(run, 'script', { approvers }));

    expect(isCut(run, 'script')).toBe(true);
    expect(seen).toContain("`sh -c 'echo 0'`");
    expect(seen).toContain('… and 41 more lines: all in the thread');
  });

  it('are all in the thread', () => {
    const all = approvalDetails(run, 'script').map(drawn).join('\n');

    for (let index = 0; index < 100; index++) expect(all).toContain(`\`sh -c 'echo ${index}'\``);
  });

  it('are named by fingerprint where they are large contents', () => {
    const step = e.step('file', { apply: [{ words: ['tee', 'x'], stdin: 'a'.repeat(601) }] });
    const seen = drawn({
      blocks: approvalDetails(runOf(step), 'file').flatMap(({ blocks }) => blocks),
    });

    expect(seen).toContain(
      'with 601 bytes on its standard input, sha256 `e2766fed9d24947ffe953cc116d80d7c0e510a21d7f83bec7b523afc0a7484f4`',
    );
  });

  it('are named by fingerprint where they hold secrets', () => {
    const stdin = 'password = it-is-secret\n';
    const step = e.step('config', { apply: [{ words: ['tee', 'x'], stdin, secret: true }] });
    const seen = drawn({
      blocks: approvalDetails(runOf(step), 'config').flatMap(({ blocks }) => blocks),
    });

    expect(seen).toContain('with 24 bytes on its standard input, sha256 `');
    expect(seen).not.toContain('it-is-secret');
  });

  it('have their contents below, each once, with their secrets masked', () => {
    const content = `[DEFAULT]\n# it's <new>\nadmin_token = hush\nconnection = mysql://a:hush@db1/a\n`;
    const kind = 'file';
    const params = { path: '/etc/a.conf', content };
    const { apply } = handlerOf({ id: 'file', kind, params });
    const file = (id: string) => e.step(id, { kind, params, apply: [...apply] });
    const large = e.step('large', { apply: [{ words: ['tee', 'x'], stdin: 'a\n'.repeat(400) }] });
    const run = fold([
      e.requested(e.plan(file('file'), file('again'), large)),
      e.approvalRequested('file'),
    ]);
    const seen = approvalDetails(run, 'file').map(drawn).join('\n');

    const name = /sha256 `([0-9a-f]{16})/.exec(seen)?.[1] ?? '';
    expect(seen.split(`*Input \`${name}\`*`)).toHaveLength(2);
    expect(seen).toContain(
      [
        `*Input \`${name}\`*`,
        '`[DEFAULT]`',
        "`# it's &lt;new&gt;`",
        '`admin_token = [REDACTED]`',
        '`connection = mysql://a:[REDACTED]@db1/a`',
      ].join('\n'),
    );
    expect(seen.match(/^`a`$/gm)).toHaveLength(400);
    expect(seen).not.toContain('hush');
    expect(isCut(run, 'file')).toBe(true);
    expect(drawn(approvalMessage(run, 'file', { approvers }))).toContain(
      'What goes to standard input stands in the thread, with its secrets masked',
    );
  });

  it('show no content of a step that is not what its parameters say', () => {
    const params = { path: '/etc/a.conf', content: 'token = a\n' };
    const apply = [{ words: ['tee', 'x'], stdin: 'token = b\n', secret: true }];
    const step = e.step('file', { kind: 'file', params, apply });

    expect(approvalDetails(runOf(step), 'file').map(drawn).join('\n')).not.toContain('*Input');
  });

  it('can be read back exactly from what is shown, whatever is in them', () => {
    const words = fc.array(nastyText().map(readable), { minLength: 1, maxLength: 3 });

    fc.assert(
      fc.property(words, (line) => {
        const step = e.step('any', { apply: [{ words: line }] });
        const lines = approvalDetails(runOf(step), 'any')
          .map(drawn)
          .join('\n')
          .split('\n')
          .slice(1);

        expect(readBack(lines)).toBe(toShell(line));
      }),
    );
  });

  it('show characters that would hide or reorder the others', () => {
    const step = e.step('any', { apply: [{ words: ['rm', 'a\u202eb\u0007\u200b'] }] });

    expect(drawn(approvalDetails(runOf(step), 'any')[0] ?? { blocks: [] })).toContain(
      "`rm 'a⟨U+202E⟩b⟨U+0007⟩⟨U+200B⟩'`",
    );
  });
});

const runOf = (step: PlanStep) => fold([e.requested(e.plan(step)), e.approvalRequested(step.id)]);

const mark = fold([e.requested(road)]).planHash.slice(0, 6);

/** Without the characters that stand for others, and without lines of blanks only, which code cannot show. */
const readable = (text: string): string =>
  text
    .replaceAll(/[ˋ⟨⟩↳]/g, '')
    .replaceAll(/\s+/g, (blank) => (blank.includes('\n') ? '\n' : blank));

const readBack = (lines: readonly string[]): string =>
  lines
    .filter((line) => line !== '(ˋ stands for a backtick)')
    .join('\n')
    .replaceAll('\n↳ ', '')
    .split('\n')
    .map((line) => line.replaceAll('`', ''))
    .join('\n')
    .replaceAll('ˋ', '`')
    .replaceAll(/⟨U\+([0-9A-F]+)⟩/g, (_all, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
