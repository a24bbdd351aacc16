import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { abortExecution, readExecutionState } from '../../../jobs/remote/remote.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  isAlive,
  pidOf,
  recordPath,
  runExecution,
  shellLine,
  remoteHost,
} from '../../support/servers/remote.ts';
import { startScript } from '../../support/servers/started-script.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

const there = remoteHost();

const gone = { is: 'gone' };
const forgotten = { is: 'forgotten', since: expect.stringMatching(/^\d{4}-.*Z$/) };
const quick = { graceMs: 300, become: false };
const patient = { graceMs: 10_000, become: false };

const start = (id: string, script: string, names: readonly string[]) =>
  startScript(there, id, script, names);

const hasGoneOn = (id: string): boolean => existsSync(join(there.sshd.home, `${id}.next`));

describe('an abort', () => {
  it('ends the commands, and the next one does not begin', async () => {
    const { ended, pids } = await start(
      'plain',
      'echo $$ >$pids/a; sleep 300 & echo $! >$pids/b; wait',
      ['a', 'b'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'plain', patient)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ type: 'exited', exitCode: 143, commandIndex: 0 });
    expect(hasGoneOn('plain')).toBe(false);
  });

  it('lets a command clean up, and does not take its exit 0 for the step', async () => {
    const { ended, output } = await start(
      'tidy',
      "trap 'echo tidied; exit 0' TERM; echo $$ >$pids/a; while :; do sleep 0.05; done",
      ['a'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'tidy', patient)).toEqual(gone);
    expect(await ended).toMatchObject({ type: 'exited', exitCode: 143, commandIndex: 0 });
    expect(output()).toContain('tidied');
    expect(hasGoneOn('tidy')).toBe(false);
  });

  it('ends by force what does not listen, and keeps its exit code', async () => {
    const { ended, pids } = await start(
      'deaf',
      "trap '' TERM INT HUP; echo $$ >$pids/a; while :; do sleep 0.05; done",
      ['a'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'deaf', quick)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ type: 'exited', exitCode: 137, commandIndex: 0 });
  });

  it('wakes what is stopped', async () => {
    const { ended, pids } = await start('stopped', 'echo $$ >$pids/a; kill -STOP $$; sleep 300', [
      'a',
    ]);

    expect(await abortExecution(there.ssh, there.sshd.target(), 'stopped', patient)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ exitCode: 143 });
  });

  it('reaches a descendant in a session of its own, as sudo with a terminal makes one', async () => {
    const { ended, pids } = await start(
      'escaped',
      'setsid sh -c "echo \\$\\$ >$pids/a; sleep 300 & echo \\$! >$pids/b; wait" & echo $! >$pids/c; wait',
      ['a', 'b', 'c'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'escaped', patient)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    await ended;
  });

  it('reaches what outlives its parent in the session', async () => {
    const { ended, pids } = await start(
      'orphan',
      "trap '' TERM; (sh -c 'trap \"\" TERM; echo $$ >$pids/a; while :; do sleep 0.05; done' &); sleep 300",
      ['a'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'orphan', quick)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    await ended;
  });

  it('leaves a daemon alone that had left session and parent before', async () => {
    const { ended, pids } = await start(
      'daemon',
      'sh -c \'setsid sh -c "echo \\$\\$ >$pids/a; sleep 300" </dev/null >/dev/null 2>&1 & sleep 0.2\'; echo $$ >$pids/b; sleep 300',
      ['a', 'b'],
    );
    const [daemon = 0] = pids;

    expect(await abortExecution(there.ssh, there.sshd.target(), 'daemon', patient)).toEqual(gone);
    await ended;
    expect(pids.filter(isAlive)).toEqual([daemon]);
    process.kill(-daemon, 'SIGKILL');
  });

  it('finds the rest when the process that ran the commands is gone', async () => {
    const { ended, pids } = await start('headless', 'echo $$ >$pids/a; exec sleep 300', ['a']);
    process.kill(pidOf(there.sshd, 'headless'), 'SIGKILL');
    expect(await ended).toMatchObject({ type: 'unknown' });

    expect(await abortExecution(there.ssh, there.sshd.target(), 'headless', patient)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(
      (await runExecution(there.ssh, there.sshd.target(), execution('headless', shellLine('true'))))
        .outcome,
    ).toMatchObject({
      type: 'unknown',
      evidence: expect.stringContaining('an abort was asked for at '),
    });
  });

  it('may be asked for twice, and at the same time', async () => {
    const { ended, pids } = await start('twice', 'echo $$ >$pids/a; sleep 300', ['a']);
    const twice = [1, 2].map(() =>
      abortExecution(there.ssh, there.sshd.target(), 'twice', patient),
    );

    expect(await Promise.all(twice)).toEqual([gone, gone]);
    expect(await abortExecution(there.ssh, there.sshd.target(), 'twice', quick)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    await ended;
  });

  it('finds nothing to do after the end, and leaves the outcome as it was', async () => {
    const before = await runExecution(
      there.ssh,
      there.sshd.target(),
      execution('over', shellLine('exit 4')),
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'over', quick)).toEqual(gone);
    const after = await runExecution(
      there.ssh,
      there.sshd.target(),
      execution('over', shellLine('exit 4')),
    );
    expect(after.outcome).toEqual({ ...before.outcome, attached: true });
  });

  it('hits no stranger that has the number now', async () => {
    const { ended, pids } = await start('stranger', 'echo $$ >$pids/a; sleep 300', ['a']);
    const text = readlinkSync(recordPath(there.sshd, 'stranger', 'begun'));
    const forged = text.replace(/^(run \d+) \d+/, '$1 1');
    symlinkSync(forged, recordPath(there.sshd, 'stranger', 'forged'));
    // The same process, recorded with another start time: a stranger.
    await runExecution(
      there.ssh,
      there.sshd.target(),
      execution('swap', shellLine('cd ~/.hopscotch/stranger && mv -T forged begun')),
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'stranger', quick)).toEqual(gone);
    expect(pids.every(isAlive)).toBe(true);
    process.kill(-(pids.at(-1) ?? 0), 'SIGKILL');
    expect(await ended).toMatchObject({ type: 'unknown' });
  });

  it('holds against a start that comes later', async () => {
    expect(await abortExecution(there.ssh, there.sshd.target(), 'never', quick)).toEqual(forgotten);

    const begun = runExecution(
      there.ssh,
      there.sshd.target(),
      execution('never', shellLine(`touch ${there.sshd.home}/never`)),
    );
    expect(await rejection(begun)).toMatchObject({
      name: 'ExecutionAborted',
      disposition: 'stop',
      message: expect.stringMatching(
        /starting never on cmp01 .*: it was aborted at \d{4}.*, before/,
      ),
    });
    expect(existsSync(join(there.sshd.home, 'never'))).toBe(false);
    expect(await readExecutionState(there.ssh, there.sshd.target(), 'never')).toMatchObject({
      state: 'aborted',
    });
  });

  it('or the start wins, but never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = `race-${round}`;
      const started = runExecution(
        there.ssh,
        there.sshd.target(),
        execution(id, shellLine(`touch ${there.sshd.home}/${id}; sleep 300`)),
      );
      const end = started.then(
        ({ outcome }) => outcome.type === 'exited' && outcome.exitCode === 143,
        (error: Error) =>
          error.name === 'ExecutionAborted' && !existsSync(join(there.sshd.home, id)),
      );
      const wins = await abortExecution(there.ssh, there.sshd.target(), id, patient);
      expect(await end).toBe(true);
      expect(['gone', 'forgotten']).toContain(wins.is);
    }
  }, 90_000);
});

describe('an abort of what its host has forgotten', () => {
  it('ends what it finds without a record', async () => {
    const { ended, pids } = await start(
      'erased',
      'until rm -rf ~/.hopscotch/erased; do :; done; echo $PPID >$pids/a; sleep 300 & echo $! >$pids/b; wait',
      ['a', 'b'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'erased', quick)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    await ended.catch(() => undefined);
  });

  it('claims no end of what it does not find', async () => {
    const { ended, pids } = await start(
      'vanished',
      'until rm -rf ~/.hopscotch/vanished; do :; done; kill -9 $PPID; echo $$ >$pids/a; exec env -u HOPSCOTCH_STEP setsid sleep 300',
      ['a'],
    );
    await ended.catch(() => undefined);

    expect(await abortExecution(there.ssh, there.sshd.target(), 'vanished', quick)).toEqual(
      forgotten,
    );
    expect(pids.filter(isAlive)).toEqual(pids);
    process.kill(pids[0] ?? 0, 'SIGKILL');
  });
});

describe('an abort on a host that hides what other users run', () => {
  let hidden: TestSshd;
  beforeAll(async () => {
    // Nobody but the processes of the user are to be seen: process 1 is not.
    hidden = await startTestSshd({
      config: ['ForceCommand exec bwrap --dev-bind / / --tmpfs /proc/1 /bin/sh -s'],
      env: { PATH: `/nonexistent:${process.env['PATH'] ?? ''}` },
    });
  });
  afterAll(() => hidden.stop());

  it('claims no end where the step became another user', async () => {
    const ended = runExecution(
      there.ssh,
      hidden.target(),
      execution('hides', shellLine('exec sleep 300')),
    );
    await eventually(() => existsSync(recordPath(hidden, 'hides', 'pid')));
    const pid = pidOf(hidden, 'hides');

    const become = { graceMs: 300, become: true };
    expect(await abortExecution(there.ssh, hidden.target(), 'hides', become)).toEqual({
      is: 'unseen',
    });
    expect(isAlive(pid)).toBe(false);
    await ended;
  });
});
