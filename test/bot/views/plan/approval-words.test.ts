import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { approvalWordMessages } from '../../../../bot/views/plan/approval-thread.ts';
import { toShell } from '../../../../handlers/contract/command.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { handlerOf, type PlanStep } from '../../../../jobs/run/plan.ts';
import { nastyText } from '../../../support/runs/any-run.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

describe('commands in messages, where Slack takes no file,', () => {
  const long = e.planOf(
    e.step('script', {
      apply: Array.from({ length: 100 }, (_, index) => ({ words: ['sh', '-c', `echo ${index}`] })),
    }),
  );
  const run = fold([e.requested(long), e.hostReady('ctl1'), e.approvalRequested('script')]);

  it('are all in the thread', () => {
    const all = approvalWordMessages(run, 'script').map(drawnMessage).join('\n');

    for (let index = 0; index < 100; index++) expect(all).toContain(`\`sh -c 'echo ${index}'\``);
  });

  it('are named by fingerprint where they are large contents', () => {
    const step = e.step('file', { apply: [{ words: ['tee', 'x'], stdin: 'a'.repeat(601) }] });
    const seen = drawnMessage({
      blocks: approvalWordMessages(runOf(step), 'file').flatMap(({ blocks }) => blocks),
    });

    expect(seen).toContain(
      'with 601 bytes on its standard input, sha256 `e2766fed9d24947ffe953cc116d80d7c0e510a21d7f83bec7b523afc0a7484f4`',
    );
  });

  it('are named by fingerprint where they hold secrets', () => {
    const stdin = 'password = it-is-secret\n';
    const step = e.step('config', { apply: [{ words: ['tee', 'x'], stdin, secret: true }] });
    const seen = drawnMessage({
      blocks: approvalWordMessages(runOf(step), 'config').flatMap(({ blocks }) => blocks),
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
    const asked = fold([
      e.requested(e.planOf(file('file'), file('again'), large)),
      e.approvalRequested('file'),
    ]);
    const seen = approvalWordMessages(asked, 'file').map(drawnMessage).join('\n');

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
  });

  it('show no content of a step that is not what its parameters say', () => {
    const params = { path: '/etc/a.conf', content: 'token = a\n' };
    const apply = [{ words: ['tee', 'x'], stdin: 'token = b\n', secret: true }];
    const step = e.step('file', { kind: 'file', params, apply });

    expect(approvalWordMessages(runOf(step), 'file').map(drawnMessage).join('\n')).not.toContain(
      '*Input',
    );
  });

  it('can be read back exactly from what is shown, whatever is in them', () => {
    const words = fc.array(nastyText().map(readable), { minLength: 1, maxLength: 3 });

    fc.assert(
      fc.property(words, (line) => {
        const step = e.step('any', { apply: [{ words: line }] });
        const lines = approvalWordMessages(runOf(step), 'any')
          .map(drawnMessage)
          .join('\n')
          .split('\n')
          .slice(1);

        expect(readBack(lines)).toBe(toShell(line));
      }),
    );
  });

  it('show characters that would hide or reorder the others', () => {
    const step = e.step('any', { apply: [{ words: ['rm', 'a\u202eb\u0007\u200b'] }] });

    expect(drawnMessage(approvalWordMessages(runOf(step), 'any')[0] ?? { blocks: [] })).toContain(
      "`rm 'a⟨U+202E⟩b⟨U+0007⟩⟨U+200B⟩'`",
    );
  });
});

const runOf = (step: PlanStep) => fold([e.requested(e.planOf(step)), e.approvalRequested(step.id)]);

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
