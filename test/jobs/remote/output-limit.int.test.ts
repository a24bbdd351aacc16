import { describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { attachExecution, aliveOfExecution } from '../../../jobs/remote/remote.ts';
import {
  execution,
  recordPath,
  remoteHost,
  runExecution,
  shellLine,
} from '../../support/servers/remote.ts';

const there = remoteHost();

const limit = 256 * 1024;
const within = (id: string, script: string) => ({
  ...execution(id, shellLine(script), shellLine('echo next')),
  outputLimitBytes: limit,
});

describe('an execution that writes more than it may', () => {
  it('is ended, with nobody there to see it, and leaves the disk its room', async () => {
    const leave = new AbortController();
    const what = within('endless', "echo begins; exec yes 'and so on'");
    const left = runExecution(there.ssh, there.sshd.target(), what, 0, leave.signal).catch(
      () => undefined,
    );
    leave.abort(new Error('left'));
    await left;

    const outcome = await attachExecution(there.ssh, there.sshd.target(), 'endless', {
      fromByte: limit,
      onOutput: () => undefined,
    });

    expect(outcome).toMatchObject({
      type: 'exited',
      exitCode: 143,
      commandIndex: 0,
      wroteTooMuch: true,
    });
    expect(outcome).toMatchObject({ bytes: limit });
    expect(
      await aliveOfExecution(there.ssh, there.sshd.target(), 'endless', { become: false }),
    ).toEqual([]);
    const { blocks } = statSync(recordPath(there.sshd, 'endless', 'out'));
    expect(blocks * 512).toBeLessThan(4 * limit);
  });

  it('is ended by force when it does not listen', async () => {
    const { outcome } = await runExecution(
      there.ssh,
      there.sshd.target(),
      within('deaf', "trap '' TERM; while :; do echo 'and so on, and so on, and so on'; done"),
    );

    expect(outcome).toMatchObject({ exitCode: 137, commandIndex: 0, wroteTooMuch: true });
  });

  it('is not, up to the last byte of what it may', async () => {
    const { outcome, output } = await runExecution(
      there.ssh,
      there.sshd.target(),
      within('full', `head -c ${limit - 5} /dev/zero; sleep 1.2`),
    );

    expect(outcome).toMatchObject({
      exitCode: 0,
      commandIndex: 1,
      wroteTooMuch: false,
      bytes: limit,
    });
    expect(output).toHaveLength(limit);
  });
});
