import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  abortExecution,
  fetchOutput,
  outputHash,
  readExecutionState,
  probeHost,
  pruneExecutions,
  outputTail,
} from '../../../jobs/remote/remote.ts';
import { outputHashShell } from '../../../jobs/remote/scripts/embedded.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  recordPath,
  runExecution,
  shellLine,
  remoteHost,
} from '../../support/servers/remote.ts';
import { startTestSshd } from '../../support/servers/sshd.ts';

const there = remoteHost();

describe('a look at an execution', () => {
  it('begins nothing', async () => {
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'nothing')).toEqual({
      state: 'none',
    });
    expect(existsSync(recordPath(there.sshd, 'nothing'))).toBe(false);
  });

  it('sees it run, and its end', async () => {
    const what = {
      ...execution(
        'seen',
        shellLine('echo one'),
        shellLine(`until [ -e ${there.sshd.home}/end ]; do sleep 0.05; done`),
      ),
      note: "drain 'cmp01'\nжß€",
    };
    const running = runExecution(there.ssh, there.sshd.target(), what);
    const seen = await eventually(async () => {
      const now = await readExecutionState(there.ssh, there.sshd.target(), 'seen');
      return now.state === 'running' && now.commandIndex === 1 ? now : undefined;
    });
    expect(seen).toMatchObject({ note: what.note, bytes: 4, startedAt: expect.any(String) });
    symlinkSync('/', join(there.sshd.home, 'end'));
    const { outcome } = await running;

    const { type: _type, attached: _attached, ...end } = { ...outcome };
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'seen')).toEqual({
      state: 'exited',
      note: what.note,
      ...end,
    });
  });
});

/** A part of `0123456789`. */
async function range(fromByte: number, toByte?: number): Promise<string> {
  let text = '';
  const { bytes } = await fetchOutput(there.ssh, there.sshd.target(), 'digits', {
    fromByte,
    ...(toByte === undefined ? {} : { toByte }),
    onOutput: (chunk) => void (text += chunk.toString()),
  });
  expect(bytes).toBe(10);
  return text;
}

describe('the output', () => {
  beforeAll(() =>
    runExecution(
      there.ssh,
      there.sshd.target(),
      execution('digits', shellLine('printf 0123456789')),
    ),
  );

  it('can be read later, whole or in part', async () => {
    expect(await range(0)).toBe('0123456789');
    expect(await range(3, 7)).toBe('3456');
    expect(await range(8, 99)).toBe('89');
    expect(await range(10)).toBe('');
    expect(await range(7, 7)).toBe('');
  });

  it('can be read from its end', async () => {
    expect(
      (await outputTail(there.ssh, there.sshd.target(), 'digits', { lastBytes: 3 })).toString(),
    ).toBe('789');
    expect(
      (await outputTail(there.ssh, there.sshd.target(), 'digits', { lastBytes: 99 })).toString(),
    ).toBe('0123456789');
  });

  it('is not there for what never began', async () => {
    expect(
      await rejection(outputTail(there.ssh, there.sshd.target(), 'none', { lastBytes: 3 })),
    ).toMatchObject({
      name: 'NoSuchExecution',
      disposition: 'stop',
    });
  });
});

describe('old records', () => {
  it('go after thirty days, those without an outcome stay', async () => {
    const old = (id: string, days: number): void => {
      const index = Date.now() / 1000 - days * 86_400;
      utimesSync(recordPath(there.sshd, id, 'exit'), index, index);
    };
    for (const id of ['young', 'old'])
      await runExecution(there.ssh, there.sshd.target(), execution(id, shellLine('true')));
    mkdirSync(recordPath(there.sshd, 'open'));
    for (const [id, days] of [
      ['unknown', 91],
      ['doubted', 89],
    ] as const) {
      mkdirSync(recordPath(there.sshd, id));
      const begun = recordPath(there.sshd, id, 'begun');
      symlinkSync('run 999999 1 no-boot 2026-01-01T00:00:00Z', begun);
      lutimesSync(begun, Date.now() / 1000 - days * 86_400, Date.now() / 1000 - days * 86_400);
    }
    mkdirSync(recordPath(there.sshd, '.old.half'));
    old('young', 29);
    old('old', 31);

    expect(await pruneExecutions(there.ssh, there.sshd.target())).toEqual({ removed: 2 });
    const left = readdirSync(join(there.sshd.home, '.hopscotch'));
    expect(left).toEqual(expect.arrayContaining(['young', 'open', 'doubted']));
    expect(left).not.toContain('unknown');
    expect(left.filter((name) => name.includes('old'))).toEqual([]);
    expect(await pruneExecutions(there.ssh, there.sshd.target())).toEqual({ removed: 0 });
  });

  it('may be none at all', async () => {
    const empty = await startTestSshd();
    const via = openSsh();
    expect(await pruneExecutions(via, empty.target())).toEqual({ removed: 0 });
    await via.close();
    await empty.stop();
  });
});

describe('questions that change nothing', () => {
  it('may be put again when the link is lost', async () => {
    const lost = probeHost(
      there.ssh,
      there.sshd.target(),
      [shellLine(`touch ${there.sshd.home}/asked; sleep 20`)],
      {
        timeoutMs: 60_000,
      },
    );
    const failure = rejection(lost);
    await eventually(() => existsSync(join(there.sshd.home, 'asked')));
    there.sshd.cut();

    expect(await failure).toMatchObject({ name: 'LinkLost', disposition: 'retry' });
  });

  it('refuse an id that is no plain name', async () => {
    const all = [
      readExecutionState(there.ssh, there.sshd.target(), '../x'),
      outputTail(there.ssh, there.sshd.target(), '$(x)', { lastBytes: 1 }),
      abortExecution(there.ssh, there.sshd.target(), 'a b', { graceMs: 0, become: false }),
    ];

    for (const one of all) expect(await rejection(one)).toBeInstanceOf(RangeError);
  });
});

describe('the hash of an output', () => {
  it('is made on its host, with openssl or without', async () => {
    const { ssh, sshd } = there;
    await runExecution(ssh, sshd.target(), execution('hashed', shellLine('echo one; echo two')));
    const hash = createHash('sha256').update('one\ntwo\n').digest('hex');

    expect(await outputHash(ssh, sshd.target(), 'hashed')).toBe(hash);
    for (const tool of ['openssl', 'sha256sum'])
      expect(hashWith(tool, sshd.home).slice(0, 64)).toBe(hash);
  });
});

/** As a host has it that has only this one tool to hash with. */
function hashWith(tool: string, home: string): string {
  const bin = mkdtempSync(join(home, 'only-'));
  const path = execFileSync('which', [tool], { encoding: 'utf8' }).trim();
  symlinkSync(path, join(bin, tool));
  return execFileSync('/bin/sh', ['-c', outputHashShell, 'hashed'], {
    env: { HOME: home, PATH: bin },
    encoding: 'utf8',
  });
}
