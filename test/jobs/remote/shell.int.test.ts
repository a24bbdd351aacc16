import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../../../handlers/contract/command.ts';
import { probeHost } from '../../../jobs/remote/remote.ts';
import type { Ssh } from '../../../jobs/ssh/ssh.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { rejection } from '../../support/eventually.ts';
import { execution, runExecution, shellLine } from '../../support/servers/remote.ts';
import type { TestSshd } from '../../support/servers/sshd.ts';
import { startTestSshd } from '../../support/servers/sshd.ts';
import { anyCharacter } from '../../support/any-character.ts';

let ssh: Ssh;
const started: TestSshd[] = [];

beforeAll(() => {
  ssh = openSsh();
});
afterAll(() => ssh.close());
afterEach(async () => {
  await Promise.all(started.splice(0).map((sshd) => sshd.stop()));
});

/** An sshd whose logins run this script, with the line they were sent in `$SSH_ORIGINAL_COMMAND`. */
async function login(script: string): Promise<TestSshd> {
  const sshd = await startTestSshd({ config: ['ForceCommand /bin/sh "$HOME/login"'] });
  started.push(sshd);
  writeFileSync(join(sshd.home, 'login'), script);
  return sshd;
}

const special = `'"\`$(){}[]|&;<>*?~#!\\ \t\n\r-=%жß€😀\u0081\u0088\u0001`;

const word = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({
    unit: fc.constantFrom(...Array.from(special)),
  }),
  fc.constantFrom('', '-', '--', '-n', '$(id)', '`id`', "'", '"', '\\', '\n', '!!', '%s', '~', '*'),
);
// No argument list can carry a NUL.
const words = fc.array(
  word.filter((text) => !text.includes('\0')),
  { minLength: 1, maxLength: 8 },
);

describe('words', () => {
  it('arrive as exactly those words, in steps and in probes', async () => {
    const sshd = await startTestSshd();
    started.push(sshd);
    const lists = fc.sample(words, 60);
    const print = lists.map((list) => command(['printf', '%s\\0', ...list]));
    const expected = lists.map((list) => list.map((text) => `${text}\0`).join(''));

    const { outcome, output } = await runExecution(
      ssh,
      sshd.target(),
      execution('words', ...print),
    );
    expect(outcome).toMatchObject({ exitCode: 0, commandIndex: 59 });
    expect(output.toString()).toBe(expected.join(''));
    const answers = await probeHost(ssh, sshd.target(), print, { timeoutMs: 60_000 });
    expect(answers.map(({ stdout }) => stdout)).toEqual(expected);
  });

  it('arrive as standard input as well', async () => {
    const sshd = await startTestSshd();
    started.push(sshd);
    const texts = fc.sample(fc.string({ unit: anyCharacter, maxLength: 200 }), 30);
    const cats = texts.map((stdin) => command(['cat'], { stdin }));

    const { output } = await runExecution(ssh, sshd.target(), execution('inputs', ...cats));
    expect(output.equals(Buffer.from(texts.join('')))).toBe(true);
  });

  it('stay whole where the wire cuts characters in two', async () => {
    const sshd = await startTestSshd();
    started.push(sshd);
    const script = 'for o in 320 266 342 202 254; do printf "\\\\$o"; sleep 0.05; done';

    expect(
      await probeHost(ssh, sshd.target(), [shellLine(script)], { timeoutMs: 20_000 }),
    ).toMatchObject([{ stdout: 'ж€' }]);
    expect(
      (
        await runExecution(ssh, sshd.target(), execution('cut', shellLine(script)))
      ).output.toString(),
    ).toBe('ж€');
  });
});

describe('a login', () => {
  it('may print what it likes first', async () => {
    const sshd = await login(
      'echo "Welcome!"; printf "no newline"; echo oops >&2; yes noise | head -c 300000; $SSH_ORIGINAL_COMMAND\n',
    );

    const { output } = await runExecution(
      ssh,
      sshd.target(),
      execution('noise', shellLine('echo clean; echo err >&2')),
    );
    expect(output.toString()).toBe('clean\nerr\n');
    expect(
      await probeHost(ssh, sshd.target(), [shellLine('echo a; echo b >&2')], { timeoutMs: 20_000 }),
    ).toEqual([{ exit: 0, stdout: 'a\n', stderr: 'b\n' }]);
  });

  it('may have a shell that is not POSIX', async () => {
    const sshd = await login(
      'case $SSH_ORIGINAL_COMMAND in *[!a-z\\ /-]*) echo "Unknown command" >&2; exit 121 ;; esac; $SSH_ORIGINAL_COMMAND\n',
    );

    expect(
      (
        await runExecution(ssh, sshd.target(), execution('fish', shellLine('echo "$((1 + 1))"')))
      ).output.toString(),
    ).toBe('2\n');
  });

  it.each([
    ['/usr/sbin/nologin', 'This account is currently not available.', 'chsh -s /bin/sh'],
    ['internal-sftp', 'This service allows sftp connections only.', 'sftp'],
    [
      `bash --restricted -c '$SSH_ORIGINAL_COMMAND'`,
      'bash: line 1: exec: restricted',
      'restricted shell',
    ],
    [
      `echo "WARNING: Your password has expired."; echo "Password change required but no TTY available."; exit 1`,
      'Your password has expired.; Password change required but no TTY available.',
      'chage -M -1',
    ],
    [`echo "Too many logins for 'deploy'."; exit 254`, 'Too many logins', 'maxlogins'],
    ['echo "Back at five." >&2; exit 254', 'Back at five.', '/etc/nologin'],
  ])('that allows no shell is said so, and what to do: %s', async (program, says, hint) => {
    const forced = program === 'internal-sftp' ? program : `/bin/sh "$HOME/login"`;
    const sshd = await startTestSshd({
      config: [`ForceCommand ${forced}`, 'Subsystem sftp internal-sftp'],
    });
    started.push(sshd);
    writeFileSync(join(sshd.home, 'login'), `${program}\n`);

    expect(
      await rejection(runExecution(ssh, sshd.target(), execution('none', shellLine('true')))),
    ).toMatchObject({
      name: 'HostNotReady',
      disposition: 'stop',
      message: expect.stringMatching(
        new RegExp(`no POSIX shell: exit \\d+: the host said: .*${says.replaceAll('.', '\\.')}`),
      ),
      hint: expect.stringContaining(hint),
    });
  });

  it('that gets half of what we say does nothing', async () => {
    const sshd = await login('head -c 300 | $SSH_ORIGINAL_COMMAND\n');

    expect(
      await rejection(runExecution(ssh, sshd.target(), execution('half', shellLine('true')))),
    ).toMatchObject({
      name: 'HostNotReady',
    });
    writeFileSync(join(sshd.home, 'login'), '$SSH_ORIGINAL_COMMAND\n');
    expect(
      (await runExecution(ssh, sshd.target(), execution('half', shellLine('true')))).outcome,
    ).toMatchObject({
      attached: false,
    });
  });
});
