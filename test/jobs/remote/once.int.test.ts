import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Execution,
  type FollowRequest,
  type ForgottenExecution,
  type ExecutionOutcome,
  attachExecution,
  beginExecution,
  readExecutionState,
} from '../../../jobs/remote/remote.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  recordPath,
  runExecution,
  shellLine,
  remoteHost,
} from '../../support/servers/remote.ts';

const there = remoteHost();

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Runs on the host of this file. */
const go = (what: Execution, fromByte = 0, via = there.ssh): ReturnType<typeof runExecution> =>
  runExecution(via, there.sshd.target(), what, fromByte);

const directory = (id: string, ...rest: string[]): string => recordPath(there.sshd, id, ...rest);

describe('exactly once', () => {
  it('starts one of twenty callers and lets the others follow', async () => {
    const others = openSsh();
    const what = execution(
      'once',
      shellLine(`echo begun >>${there.sshd.home}/count; sleep 0.3; echo done`),
    );
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => go(what, 0, index % 2 === 0 ? there.ssh : others)),
    );
    await others.close();

    expect(readFileSync(join(there.sshd.home, 'count'), 'utf8')).toBe('begun\n');
    expect(all.map(({ output }) => output.toString())).toEqual(all.map(() => 'done\n'));
    expect(all.filter(({ outcome }) => !outcome.attached)).toHaveLength(1);
    expect(readdirSync(directory('once')).toSorted()).toEqual([
      'at',
      'begun',
      'exit',
      'note',
      'out',
      'pid',
      'script',
    ]);
  });

  it('holds however early the link is cut', async () => {
    for (let cut = 0; cut < 12; cut += 1) {
      const id = `early-${cut}`;
      const count = join(there.sshd.home, id);
      const what = execution(id, shellLine(`echo begun >>${count}; sleep 0.1; echo done`));
      const via = openSsh();
      await via.exec(there.sshd.target(), { command: 'true' });
      const first = go(what, 0, via).catch(() => undefined);
      setTimeout(() => there.sshd.cut(), cut * 3);
      await first;
      const { outcome, output } = await go(what, 0, via);
      await via.close();

      expect(outcome).toMatchObject({ exitCode: 0 });
      expect(output.toString()).toBe('done\n');
      expect(readFileSync(count, 'utf8')).toBe('begun\n');
    }
  });

  it('answers the same to everybody who comes late, from any byte', async () => {
    const what = execution('late', shellLine('printf 0123456789; exit 5'));
    const first = await go(what);

    expect((await go(what, 4)).output.toString()).toBe('456789');
    expect((await go(what, 10)).output.toString()).toBe('');
    expect((await go(what)).outcome).toEqual({ ...first.outcome, attached: true });
  });
});

describe('a link lost in the middle', () => {
  /** Goes on with each part once its file is there, so that none has ended before its cut. */
  const lines = (dir: string) =>
    `for part in 1 2 3 4 5; do until [ -e ${dir}/$part ]; do sleep 0.01; done; for i in $(seq 12); do echo "line $part.$i жß€"; done; done; exit 9`;
  const letGoOn = (dir: string, part: number) => writeFileSync(join(dir, String(part)), '');

  it('is taken up at the byte where it broke', async () => {
    const [free, held] = [join(there.sshd.home, 'free'), join(there.sshd.home, 'held')];
    for (const dir of [free, held]) mkdirSync(dir);
    for (let part = 1; part <= 5; part += 1) letGoOn(free, part);
    letGoOn(held, 1);
    const undisturbed = await go(execution('whole', shellLine(lines(free))));
    const chunks: Buffer[] = [];
    const have = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
    const what = execution(
      'broken',
      shellLine(`echo x >>${there.sshd.home}/starts; ${lines(held)}`),
    );
    let cuts = 0;
    let outcome: ExecutionOutcome | ForgottenExecution | undefined;
    while (outcome === undefined) {
      const index = have();
      const follow: FollowRequest = {
        fromByte: index,
        onOutput: (bytes) => {
          chunks.push(bytes);
          if (cuts < 4 && have() > index + 100) {
            cuts += 1;
            there.sshd.cut();
            letGoOn(held, cuts + 1);
          }
        },
      };
      const asked =
        cuts === 0
          ? beginExecution(there.ssh, there.sshd.target(), what, follow)
          : attachExecution(there.ssh, there.sshd.target(), what.id, follow);
      outcome = await asked.catch((error: Error) => {
        expect(error.name).toBe('LinkLost');
        return undefined;
      });
    }

    expect(cuts).toBe(4);
    // That the last cut was one may come to light only when somebody asks next: not in the test after this one.
    await readExecutionState(there.ssh, there.sshd.target(), what.id).catch(() => {});
    expect(hash(Buffer.concat(chunks))).toBe(hash(undisturbed.output));
    expect(outcome).toMatchObject({
      exitCode: 9,
      bytes: undisturbed.output.length,
      attached: true,
    });
    expect(readFileSync(join(there.sshd.home, 'starts'), 'utf8')).toBe('x\n');
  });

  it('lets the caller leave while the step goes on', async () => {
    const leave = new AbortController();
    const what = execution(
      'left',
      shellLine(`echo here; until [ -e ${there.sshd.home}/go-on ]; do sleep 0.05; done; echo end`),
    );
    const left = beginExecution(there.ssh, there.sshd.target(), what, {
      fromByte: 0,
      onOutput: () => leave.abort(new Error('drained')),
      signal: leave.signal,
    });

    expect((await rejection(left)).message).toBe('drained');
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'left')).toMatchObject({
      state: 'running',
      commandIndex: 0,
    });
    symlinkSync('/', join(there.sshd.home, 'go-on'));
    expect((await go(what, 5)).output.toString()).toBe('end\n');
  });

  it('survives a restart of sshd', async () => {
    const what = execution(
      'upgrade',
      shellLine(`echo here; until [ -e ${there.sshd.home}/up ]; do sleep 0.05; done; echo end`),
    );
    let bytes = 0;
    const running = beginExecution(there.ssh, there.sshd.target(), what, {
      fromByte: 0,
      onOutput: ({ length }) => void (bytes += length),
    });
    await eventually(() => bytes > 0);
    await there.sshd.restart();
    symlinkSync('/', join(there.sshd.home, 'up'));

    expect(await running).toMatchObject({ exitCode: 0, attached: false, bytes: 9 });
  });
});

describe('large output', () => {
  it('arrives whole, a piece at a time', async () => {
    const size = 50 * 1024 * 1024;
    const digest = createHash('sha256');
    let largest = 0;
    let bytes = 0;
    const outcome = await beginExecution(
      there.ssh,
      there.sshd.target(),
      execution('large', shellLine(`yes 'fifty megabytes of this' | head -c ${size}`)),
      {
        fromByte: 0,
        onOutput: (chunk) => {
          largest = Math.max(largest, chunk.length);
          bytes += chunk.length;
          digest.update(chunk);
        },
      },
    );

    const line = 'fifty megabytes of this\n';
    const expected = createHash('sha256').update(
      line.repeat(Math.ceil(size / line.length)).slice(0, size),
    );
    expect(outcome).toMatchObject({ exitCode: 0, bytes: size });
    expect(bytes).toBe(size);
    expect(digest.digest('hex')).toBe(expected.digest('hex'));
    expect(largest).toBeLessThanOrEqual(64 * 1024);
  }, 60_000);
});
