import { describe, expect, it } from '@jest/globals';
import type { Command } from '../../../handlers/contract/command.ts';
import { probeHost } from '../../../jobs/remote/remote.ts';
import type { Ssh } from '../../../jobs/ssh/ssh.ts';
import { rejection } from '../../support/eventually.ts';
import { shellLine, remoteHost } from '../../support/servers/remote.ts';

const there = remoteHost();

describe.each(['with a helper', 'in shell'])('a probe %s', (way) => {
  /** A host that cannot be talked with at length has no helper. */
  const ssh = (): Ssh => {
    const { converse: _converse, ...rest } = there.ssh;
    return way === 'in shell' ? rest : there.ssh;
  };
  const ask = (...commands: Command[]): ReturnType<typeof probeHost> =>
    probeHost(ssh(), there.sshd.target(), commands, { timeoutMs: 20_000 });

  it('keeps what each command wrote apart, to the byte', async () => {
    const answers = await ask(
      shellLine('echo out; echo err >&2'),
      shellLine('printf "no newline"; printf "none\\neither" >&2'),
      shellLine('true'),
      shellLine('printf "\\n\\n"; printf "\\n" >&2'),
      { words: ['cat'], stdin: 'a\0b жß€\r\n' },
      { words: ['cat'] },
    );

    expect(answers).toEqual([
      { exit: 0, stdout: 'out\n', stderr: 'err\n' },
      { exit: 0, stdout: 'no newline', stderr: 'none\neither' },
      { exit: 0, stdout: '', stderr: '' },
      { exit: 0, stdout: '\n\n', stderr: '\n' },
      { exit: 0, stdout: 'a\0b жß€\r\n', stderr: '' },
      { exit: 0, stdout: '', stderr: '' },
    ]);
  });

  it('asks nothing when there is nothing to ask', async () => {
    expect(await ask()).toEqual([]);
  });

  it('takes an exit code for an answer where it is one', async () => {
    expect(await ask(shellLine('exit 1', { okExits: [0, 1] }))).toMatchObject([{ exit: 1 }]);
  });

  it('says which command failed, and what it said', async () => {
    const failed = ask(
      shellLine('true'),
      shellLine('echo "no such package" >&2; exit 2'),
      shellLine('exit 3'),
    );

    expect(await rejection(failed)).toMatchObject({
      name: 'ProbeFailed',
      disposition: 'stop',
      message: `probing cmp01 (127.0.0.1:${there.sshd.port}): sh -c 'echo "no such package" >&2; exit 2': exit 2: no such package`,
    });
  });

  it('runs on after a failure, so that all is known', async () => {
    await rejection(ask(shellLine('exit 2'), shellLine('echo x >~/after')));

    expect(await ask(shellLine('cat ~/after'))).toMatchObject([{ stdout: 'x\n' }]);
  });

  it('takes a mebibyte, and no more', async () => {
    const mebibyte = 1024 * 1024;
    const [large] = await ask(shellLine(`head -c ${mebibyte} /dev/zero | tr '\\0' x`));
    expect(large?.stdout).toHaveLength(mebibyte);
    for (const script of ['yes', 'yes >&2', `head -c ${mebibyte + 1} /dev/zero`]) {
      expect(await rejection(ask(shellLine('true'), shellLine(script)))).toMatchObject({
        name: 'ProbeFailed',
        message: expect.stringContaining(`sh -c '${script}'`.replace(/'(yes)'/, '$1')),
      });
    }
  });

  it('does not wait for ever', async () => {
    const slow = probeHost(ssh(), there.sshd.target(), [shellLine('true'), shellLine('sleep 20')], {
      timeoutMs: 300,
    });

    expect(await rejection(slow)).toMatchObject({
      name: 'ProbeFailed',
      disposition: 'retry',
      message: expect.stringContaining("sh -c 'sleep 20': no answer within 0.3 s"),
    });
  });

  it('says what the shell says of a command that is not there', async () => {
    const [missing] = await ask({ words: ['no-such-program'], okExits: [127] });

    expect(missing?.stderr).toMatch(/exec: no-such-program: not found\n$/);
  });

  it('does not wait for what a command leaves behind', async () => {
    const [left] = await ask(shellLine('echo out; sleep 300 >/dev/null 2>&1 & echo $!'));

    expect(left?.stdout).toMatch(/^out\n\d+\n$/);
    await ask(shellLine(`kill ${left?.stdout.split('\n')[1]}`));
  });

  it('can be left', async () => {
    const leave = new AbortController();
    const left = probeHost(ssh(), there.sshd.target(), [shellLine('sleep 20')], {
      timeoutMs: 60_000,
      signal: leave.signal,
    });
    leave.abort(new Error('drained'));

    expect((await rejection(left)).message).toBe('drained');
  });
});
