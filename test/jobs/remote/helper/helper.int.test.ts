import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../../../handlers/contract/errors.ts';
import {
  attachExecution,
  beginExecution,
  readExecutionState,
} from '../../../../jobs/remote/remote.ts';
import { type Ssh, openSsh } from '../../../../jobs/ssh/ssh.ts';
import { eventually, rejection } from '../../../support/eventually.ts';
import { startTestSshd } from '../../../support/servers/sshd.ts';
import {
  execution,
  isAlive,
  pidOf,
  recordPath,
  remoteHost,
  runExecution,
  shellLine,
} from '../../../support/servers/remote.ts';

describe('the helper on a host', () => {
  const host = remoteHost();
  const { target } = { target: () => host.sshd.target() };
  const run = (ssh: Ssh, id: string, script: string) =>
    runExecution(ssh, target(), execution(id, shellLine(script)));
  /** Processes of helpers that serve this host. */
  const helpers = (): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return (
            readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('python3\0-I') &&
            readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${host.sshd.home}\0`) &&
            isServedBySshd(pid)
          );
        } catch {
          return false;
        }
      });
  const shellOnly = ({ exec, hostKey, close }: Ssh): Ssh => ({ exec, hostKey, close });

  it('begins steps one after the other without any process but theirs', async () => {
    const first = await run(host.ssh, 'h.1', 'echo one; exit 3');
    const second = await run(
      host.ssh,
      'h.2',
      'echo two; env | grep -c "^LC_CTYPE=" || true; umask',
    );

    expect(first.outcome).toMatchObject({ type: 'exited', exitCode: 3, attached: false, bytes: 4 });
    expect(second.output.toString()).toBe('two\n0\n0022\n');
    expect(helpers()).toHaveLength(1);
    expect(existsSync(recordPath(host.sshd, 'h.1', 'exit'))).toBe(true);
  });

  it('leaves the record that the shell way leaves', async () => {
    await run(host.ssh, 'h.record', 'echo one');
    await run(shellOnly(host.ssh), 's.record', 'echo one');
    const shown = (id: string): string[] => readdirSync(recordPath(host.sshd, id)).toSorted();
    const text = (id: string, name: string): string =>
      readFileSync(recordPath(host.sshd, id, name), 'utf8')
        .replaceAll(/\d/g, '9')
        .replaceAll(/9+/g, '9');

    expect(shown('h.record')).toEqual(shown('s.record'));
    for (const name of ['exit', 'at', 'out', 'note']) {
      const same = text('h.record', name).replace('h.', 's.');
      expect([name, same.length, same]).toEqual([
        name,
        text('s.record', name).length,
        text('s.record', name),
      ]);
    }
  });

  it('shows output as it comes, and is followed by the shell way as well', async () => {
    const seen: string[] = [];
    const going = runExecution(
      host.ssh,
      target(),
      execution(
        'h.slow',
        shellLine('echo a; while ! [ -e "$HOME/go" ]; do sleep 0.05; done; echo b'),
      ),
    );
    const watching = attachExecution(shellOnly(host.ssh), target(), 'h.slow', {
      fromByte: 0,
      onOutput: (bytes) => void seen.push(bytes.toString()),
    }).catch((error: unknown) => error);
    await eventually(async () => {
      const there = await readExecutionState(host.ssh, target(), 'h.slow');
      return there.state === 'running' && there.bytes === 2;
    });
    execFileSync('touch', [`${host.sshd.home}/go`]);

    const { outcome, output } = await going;
    expect(outcome).toMatchObject({ type: 'exited', exitCode: 0 });
    expect(output.toString()).toBe('a\nb\n');
    expect(['exited', 'forgotten']).toContain(((await watching) as { type: string }).type);
  });

  it('may be killed while a step runs: the step goes on, and another helper follows it to its end', async () => {
    const going = rejection(
      runExecution(
        host.ssh,
        target(),
        execution(
          'h.killed',
          shellLine('echo one; while ! [ -e "$HOME/on" ]; do sleep 0.05; done; echo two'),
        ),
      ),
    );
    await eventually(() => existsSync(recordPath(host.sshd, 'h.killed', 'pid')));
    const [helper = 0] = helpers();
    process.kill(helper, 'SIGKILL');
    expect(await going).toMatchObject({ name: 'LinkLost', disposition: 'ask' });
    expect(isAlive(pidOf(host.sshd, 'h.killed'))).toBe(true);
    execFileSync('touch', [`${host.sshd.home}/on`]);
    const chunks: Buffer[] = [];

    const outcome = await attachExecution(host.ssh, target(), 'h.killed', {
      fromByte: 0,
      onOutput: (bytes) => void chunks.push(bytes),
    });

    expect(outcome).toMatchObject({ type: 'exited', exitCode: 0, attached: true });
    expect(Buffer.concat(chunks).toString()).toBe('one\ntwo\n');
  });

  it('begins a step once, however many workers ask at once in both ways', async () => {
    const links = [openSsh(), openSsh(), host.ssh, host.ssh];
    const ways = [...links, ...links.map(shellOnly)];
    await Promise.all(ways.map((ssh, nth) => run(ssh, `h.warm.${nth}`, 'true')));
    for (let nth = 0; nth < 5; nth += 1) {
      const all = await Promise.all(
        ways.map((ssh) => run(ssh, `h.once.${nth}`, 'echo "$$"; sleep 0.1')),
      );
      expect(new Set(all.map(({ output }) => output.toString())).size).toBe(1);
      expect(all.filter(({ outcome }) => !outcome.attached)).toHaveLength(1);
    }
    await Promise.all([links[0]?.close(), links[1]?.close()]);
  });

  it('runs each step once while helpers are killed under it, whichever way follows next', async () => {
    const ways = [host.ssh, openSsh(), shellOnly(host.ssh)];
    const killing = setInterval(() => {
      for (const pid of helpers().filter(() => Math.random() < 0.5)) process.kill(pid, 'SIGKILL');
    }, 40);
    const ledger = join(host.sshd.home, 'ledger');
    const line = 'sleep 0.0$(($$ % 7)); echo "$0" >>"$HOME/ledger"; sleep 0.0$(($$ % 5))';
    const toTheEnd = async (id: string, nth: number): Promise<string> => {
      const what = { id, note: id, commands: [{ words: ['sh', '-c', line, id] }] };
      let mayHaveBegun = false;
      for (let turn = nth; ; turn += 1) {
        const ssh = ways[turn % ways.length] ?? host.ssh;
        const follow = { fromByte: 0, onOutput: () => undefined };
        try {
          const end = mayHaveBegun
            ? await attachExecution(ssh, target(), id, follow)
            : await beginExecution(ssh, target(), what, follow);
          return end.type;
        } catch (error) {
          if (!(error instanceof OperatorError)) throw error;
          mayHaveBegun ||= error.disposition === 'ask';
        }
      }
    };
    const ids = Array.from({ length: 40 }, (_, index) => `kill.${index}`);
    const ends = await Promise.all(ids.map(toTheEnd)).finally(() => clearInterval(killing));
    await ways[1]?.close();

    const ran = readFileSync(ledger, 'utf8').trim().split('\n');
    expect(new Set(ran).size).toBe(ran.length);
    // What the host never heard of did not run, and never will.
    expect(ids.filter((id, nth) => ends[nth] === 'exited' && !ran.includes(id))).toEqual([]);
    expect(ids.filter((id, nth) => ends[nth] === 'forgotten' && ran.includes(id))).toEqual([]);
    expect(ends).not.toContain('unknown');
    expect(ran.length).toBeGreaterThan(10);
  });

  it('holds back a host that writes faster than is read, and gives all of it', async () => {
    let length = 0;
    const what = execution('h.big', shellLine('head -c 20000000 /dev/zero'));
    const outcome = await beginExecution(host.ssh, target(), what, {
      fromByte: 0,
      onOutput: async (bytes) => {
        length += bytes.length;
        await new Promise((done) => setImmediate(done));
      },
    });

    expect(outcome).toMatchObject({ type: 'exited', bytes: 20_000_000 });
    expect(length).toBe(20_000_000);
  });
});

/** Whether sshd started it. What a helper forks to begin a step has its words in its command line as well. */
function isServedBySshd(pid: number): boolean {
  const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return readFileSync(`/proc/${parent}/comm`, 'utf8').startsWith('sshd');
}

describe('a host without Python', () => {
  it('is talked to in shell', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'hopscotch-bin-'));
    writeFileSync(join(bin, 'python3'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    const sshd = await startTestSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } });
    const ssh = openSsh();
    try {
      const what = execution('s.1', shellLine('tr "\\0" " " </proc/$PPID/cmdline'));
      const { outcome, output } = await runExecution(ssh, sshd.target(), what);
      const there = await readExecutionState(ssh, sshd.target(), 's.1');

      expect(outcome).toMatchObject({ type: 'exited', exitCode: 0 });
      expect(output.toString()).toMatch(/^\/bin\/sh .*\/script /);
      expect(there).toMatchObject({ state: 'exited', note: 's.1' });
    } finally {
      await ssh.close();
      await sshd.stop();
      rmSync(bin, { recursive: true });
    }
  });
});
