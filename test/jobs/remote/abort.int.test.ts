import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ForgottenExecution,
  type ExecutionOutcome,
  abortExecution,
  beginExecution,
  aliveOfExecution,
  readExecutionState,
} from '../../../jobs/remote/remote.ts';
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
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

const there = remoteHost();

const gone = { is: 'gone' };
const forgotten = { is: 'forgotten', since: expect.stringMatching(/^\d{4}-.*Z$/) };
const quick = { graceMs: 300, become: false };
const patient = { graceMs: 10_000, become: false };

/** Starts a script whose processes write their pids to files named in it as `$pids/NAME`, and waits for these. */
async function start(
  id: string,
  script: string,
  names: readonly string[],
): Promise<{
  ended: Promise<ExecutionOutcome | ForgottenExecution>;
  pids: number[];
  output: () => string;
}> {
  const prefix = join(there.sshd.home, `${id}.`);
  let output = '';
  const ended = beginExecution(
    there.ssh,
    there.sshd.target(),
    execution(id, shellLine(script.replaceAll('$pids/', prefix)), shellLine(`touch ${prefix}next`)),
    { fromByte: 0, onOutput: (bytes) => void (output += bytes.toString()) },
  );
  const pids = await Promise.all(names.map((name) => eventually(() => readNumber(prefix + name))));
  const runner = existsSync(recordPath(there.sshd, id, 'pid')) ? [pidOf(there.sshd, id)] : [];
  return { ended, pids: [...pids, ...runner], output: () => output };
}

const readNumber = (path: string): number | undefined =>
  existsSync(path) ? Number(readFileSync(path, 'utf8')) || undefined : undefined;

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
  });
});

const left = (id: string) =>
  aliveOfExecution(there.ssh, there.sshd.target(), id, { become: false });

describe('an abort of what its host has forgotten', () => {
  it('ends what it finds without a record', async () => {
    const { ended, pids } = await start(
      'erased',
      'rm -rf ~/.hopscotch/erased; echo $PPID >$pids/a; sleep 300 & echo $! >$pids/b; wait',
      ['a', 'b'],
    );

    expect(await abortExecution(there.ssh, there.sshd.target(), 'erased', quick)).toEqual(gone);
    expect(pids.filter(isAlive)).toEqual([]);
    await ended.catch(() => undefined);
  });

  it('claims no end of what it does not find', async () => {
    const { ended, pids } = await start(
      'vanished',
      'rm -rf ~/.hopscotch/vanished; kill -9 $PPID; echo $$ >$pids/a; exec env -u HOPSCOTCH_STEP setsid sleep 300',
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
      ['erased-and-killed', 'rm -rf ~/.hopscotch/erased-and-killed;'],
    ] as const) {
      const script = `${extra} kill -9 $PPID; echo $$ >$pids/a; exec sleep 300`;
      const { ended, pids } = await start(id, script, ['a']);
      await ended;

      expect(await left(id)).toEqual([{ pid: pids[0], command: 'sleep 300' }]);
      process.kill(pids[0] ?? 0, 'SIGKILL');
    }
  });
});
