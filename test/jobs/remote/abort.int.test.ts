import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Forgotten,
  type Outcome,
  abort,
  begin,
  forbid,
  peek,
} from '../../../jobs/remote/remote.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  execution,
  isAlive,
  pidOf,
  record,
  run,
  sh,
  remote,
} from '../../support/servers/remote.ts';

const there = remote();

const quick = { graceMs: 300, become: false };
const patient = { graceMs: 10_000, become: false };

/** Starts a script whose processes write their pids to files named in it as `$pids/NAME`, and waits for these. */
async function start(
  id: string,
  script: string,
  names: readonly string[],
): Promise<{ ended: Promise<Outcome | Forgotten>; pids: number[]; output: () => string }> {
  const prefix = join(there.sshd.home, `${id}.`);
  let output = '';
  const ended = begin(
    there.ssh,
    there.sshd.target(),
    execution(id, sh(script.replaceAll('$pids/', prefix)), sh(`touch ${prefix}next`)),
    { fromByte: 0, onOutput: (bytes) => void (output += bytes.toString()) },
  );
  const pids = await Promise.all(names.map((name) => eventually(() => readNumber(prefix + name))));
  return { ended, pids: [...pids, pidOf(there.sshd, id)], output: () => output };
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

    expect(await abort(there.ssh, there.sshd.target(), 'plain', patient)).toEqual({ gone: true });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ type: 'exited', exit: 143, at: 0 });
    expect(hasGoneOn('plain')).toBe(false);
  });

  it('lets a command clean up, and does not take its exit 0 for the step', async () => {
    const { ended, output } = await start(
      'tidy',
      "trap 'echo tidied; exit 0' TERM; echo $$ >$pids/a; while :; do sleep 0.05; done",
      ['a'],
    );

    expect(await abort(there.ssh, there.sshd.target(), 'tidy', patient)).toEqual({ gone: true });
    expect(await ended).toMatchObject({ type: 'exited', exit: 143, at: 0 });
    expect(output()).toContain('tidied');
    expect(hasGoneOn('tidy')).toBe(false);
  });

  it('ends by force what does not listen, and keeps its exit code', async () => {
    const { ended, pids } = await start(
      'deaf',
      "trap '' TERM INT HUP; echo $$ >$pids/a; while :; do sleep 0.05; done",
      ['a'],
    );

    expect(await abort(there.ssh, there.sshd.target(), 'deaf', quick)).toEqual({ gone: true });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ type: 'exited', exit: 137, at: 0 });
  });

  it('wakes what is stopped', async () => {
    const { ended, pids } = await start('stopped', 'echo $$ >$pids/a; kill -STOP $$; sleep 300', [
      'a',
    ]);

    expect(await abort(there.ssh, there.sshd.target(), 'stopped', patient)).toEqual({ gone: true });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await ended).toMatchObject({ exit: 143 });
  });

  it('reaches a descendant in a session of its own, as sudo with a terminal makes one', async () => {
    const { ended, pids } = await start(
      'escaped',
      'setsid sh -c "echo \\$\\$ >$pids/a; sleep 300 & echo \\$! >$pids/b; wait" & echo $! >$pids/c; wait',
      ['a', 'b', 'c'],
    );

    expect(await abort(there.ssh, there.sshd.target(), 'escaped', patient)).toEqual({ gone: true });
    expect(pids.filter(isAlive)).toEqual([]);
    await ended;
  });

  it('reaches what outlives its parent in the session', async () => {
    const { ended, pids } = await start(
      'orphan',
      "trap '' TERM; (sh -c 'trap \"\" TERM; echo $$ >$pids/a; while :; do sleep 0.05; done' &); sleep 300",
      ['a'],
    );

    expect(await abort(there.ssh, there.sshd.target(), 'orphan', quick)).toEqual({ gone: true });
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

    expect(await abort(there.ssh, there.sshd.target(), 'daemon', patient)).toEqual({ gone: true });
    await ended;
    expect(pids.filter(isAlive)).toEqual([daemon]);
    process.kill(-daemon, 'SIGKILL');
  });

  it('finds the rest when the process that ran the commands is gone', async () => {
    const { ended, pids } = await start('headless', 'echo $$ >$pids/a; exec sleep 300', ['a']);
    process.kill(pidOf(there.sshd, 'headless'), 'SIGKILL');
    expect(await ended).toMatchObject({ type: 'unknown' });

    expect(await abort(there.ssh, there.sshd.target(), 'headless', patient)).toEqual({
      gone: true,
    });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(
      (await run(there.ssh, there.sshd.target(), execution('headless', sh('true')))).outcome,
    ).toMatchObject({
      type: 'unknown',
      evidence: expect.stringContaining('an abort was asked for at '),
    });
  });

  it('may be asked for twice, and at the same time', async () => {
    const { ended, pids } = await start('twice', 'echo $$ >$pids/a; sleep 300', ['a']);
    const twice = [1, 2].map(() => abort(there.ssh, there.sshd.target(), 'twice', patient));

    expect(await Promise.all(twice)).toEqual([{ gone: true }, { gone: true }]);
    expect(await abort(there.ssh, there.sshd.target(), 'twice', quick)).toEqual({ gone: true });
    expect(pids.filter(isAlive)).toEqual([]);
    await ended;
  });

  it('finds nothing to do after the end, and leaves the outcome as it was', async () => {
    const before = await run(there.ssh, there.sshd.target(), execution('over', sh('exit 4')));

    expect(await abort(there.ssh, there.sshd.target(), 'over', quick)).toEqual({ gone: true });
    const after = await run(there.ssh, there.sshd.target(), execution('over', sh('exit 4')));
    expect(after.outcome).toEqual({ ...before.outcome, attached: true });
  });

  it('hits no stranger that has the number now', async () => {
    const { ended, pids } = await start('stranger', 'echo $$ >$pids/a; sleep 300', ['a']);
    const text = readlinkSync(record(there.sshd, 'stranger', 'begun'));
    const forged = text.replace(/^(run \d+) \d+/, '$1 1');
    symlinkSync(forged, record(there.sshd, 'stranger', 'forged'));
    // The same process, recorded with another start time: a stranger.
    await run(
      there.ssh,
      there.sshd.target(),
      execution('swap', sh('cd ~/.hopscotch/stranger && mv -T forged begun')),
    );

    expect(await abort(there.ssh, there.sshd.target(), 'stranger', quick)).toEqual({ gone: true });
    expect(pids.every(isAlive)).toBe(true);
    process.kill(-(pids.at(-1) ?? 0), 'SIGKILL');
    expect(await ended).toMatchObject({ type: 'unknown' });
  });

  it('holds against a start that comes later', async () => {
    expect(await abort(there.ssh, there.sshd.target(), 'never', quick)).toEqual({ gone: true });

    const begun = run(
      there.ssh,
      there.sshd.target(),
      execution('never', sh(`touch ${there.sshd.home}/never`)),
    );
    expect(await rejection(begun)).toMatchObject({
      name: 'ExecutionAborted',
      disposition: 'stop',
      message: expect.stringMatching(
        /starting never on cmp01 .*: it was aborted at \d{4}.*, before/,
      ),
    });
    expect(existsSync(join(there.sshd.home, 'never'))).toBe(false);
    expect(await peek(there.ssh, there.sshd.target(), 'never')).toMatchObject({ state: 'aborted' });
  });

  it('or the start wins, but never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = `race-${round}`;
      const started = run(
        there.ssh,
        there.sshd.target(),
        execution(id, sh(`touch ${there.sshd.home}/${id}; sleep 300`)),
      );
      const end = started.then(
        ({ outcome }) => outcome.type === 'exited' && outcome.exit === 143,
        (error: Error) =>
          error.name === 'ExecutionAborted' && !existsSync(join(there.sshd.home, id)),
      );
      expect(await abort(there.ssh, there.sshd.target(), id, patient)).toEqual({ gone: true });
      expect(await end).toBe(true);
    }
  });
});

describe('a word that an execution may not begin', () => {
  it('keeps one from ever beginning', async () => {
    await forbid(there.ssh, there.sshd.target(), 'forbidden');

    const late = execution('forbidden', sh(`touch ${join(there.sshd.home, 'forbidden.ran')}`));
    const what = { fromByte: 0, onOutput: () => {} };
    expect(await rejection(begin(there.ssh, there.sshd.target(), late, what))).toMatchObject({
      name: 'ExecutionAborted',
    });
    expect(existsSync(join(there.sshd.home, 'forbidden.ran'))).toBe(false);
  });

  it('leaves one that has begun alone', async () => {
    const { ended, pids } = await start('begun', 'echo $$ >$pids/a; sleep 300', ['a']);

    await forbid(there.ssh, there.sshd.target(), 'begun');

    expect(pids.filter(isAlive)).toEqual(pids);
    expect(await peek(there.ssh, there.sshd.target(), 'begun')).toMatchObject({ state: 'running' });
    await abort(there.ssh, there.sshd.target(), 'begun', quick);
    await ended;
  });
});
