import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  abortExecution,
  beginExecution,
  aliveOfExecution,
  readExecutionState,
} from '../../../jobs/remote/remote.ts';
import { rejection } from '../../support/eventually.ts';
import { execution, isAlive, shellLine, remoteHost } from '../../support/servers/remote.ts';

import { startScript } from '../../support/servers/started-script.ts';

const there = remoteHost();
const quick = { graceMs: 300, become: false };

const start = (id: string, script: string, names: readonly string[]) =>
  startScript(there, id, script, names);

const left = (id: string) =>
  aliveOfExecution(there.ssh, there.sshd.target(), id, { become: false });

describe('a look for what is left of an execution', () => {
  it('keeps one that has not begun from ever beginning', async () => {
    expect(await left('forbidden')).toEqual([]);

    const late = execution(
      'forbidden',
      shellLine(`touch ${join(there.sshd.home, 'forbidden.ran')}`),
    );
    const what = { fromByte: 0, onOutput: () => {} };
    expect(
      await rejection(beginExecution(there.ssh, there.sshd.target(), late, what)),
    ).toMatchObject({
      name: 'ExecutionAborted',
    });
    expect(existsSync(join(there.sshd.home, 'forbidden.ran'))).toBe(false);
  });

  it('names what runs, and leaves it alone', async () => {
    const { ended, pids } = await start('begun', 'echo $$ >$pids/a; sleep 300', ['a']);

    expect((await left('begun')).map(({ pid }) => pid)).toEqual(expect.arrayContaining(pids));

    expect(pids.filter(isAlive)).toEqual(pids);
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'begun')).toMatchObject({
      state: 'running',
    });
    await abortExecution(there.ssh, there.sshd.target(), 'begun', quick);
    await ended;
  });

  it('names what outlived an execution that has ended', async () => {
    const { ended, pids } = await start('ended', 'sleep 300 & echo $! >$pids/a; exit 3', ['a']);
    expect(await ended).toMatchObject({ exitCode: 3 });

    expect(await left('ended')).toEqual([{ pid: pids[0], command: 'sleep 300' }]);
    process.kill(pids[0] ?? 0, 'SIGKILL');
  });

  it('names a child of what was killed, and one whose record is gone', async () => {
    for (const [id, extra] of [
      ['killed', ''],
      ['erased-and-killed', 'until rm -rf ~/.hopscotch/erased-and-killed; do :; done;'],
    ] as const) {
      const script = `${extra} kill -9 $PPID; echo $$ >$pids/a; exec sleep 300`;
      const { ended, pids } = await start(id, script, ['a']);
      await ended;

      expect(await left(id)).toEqual([{ pid: pids[0], command: 'sleep 300' }]);
      process.kill(pids[0] ?? 0, 'SIGKILL');
    }
  });
});
