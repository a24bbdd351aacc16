import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { executionId } from '../../../jobs/run/events.ts';
import { openOutputs } from '../../../jobs/redis/output.ts';
import { type RedisServer, startRedisServer } from '../../../jobs/redis/server.ts';
import { type HostStep, type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../../support/runs/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let dir: string;
/** A Redis that a test started in place of the first. */
let later: RedisServer | undefined;

beforeEach(async () => {
  [parts, sshd, dir] = await Promise.all([
    runningEngine(),
    startTestSshd(),
    mkdtemp(join(tmpdir(), 'hopscotch-work-')),
  ]);
});

afterEach(async () => {
  await parts.stop();
  await later?.stop();
  later = undefined;
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const shell = (
  id: string,
  script: string,
  rest: { undo?: string[][]; unless?: string[] } = {},
) => ({
  id,
  params: { run: ['sh', '-c', script], undo: [], ...rest },
  apply: [{ words: ['sh', '-c', script] }],
});

const state = (run: Run, step: string, phase: 'apply' | 'undo' = 'apply') =>
  hostStep(run, { phase, step, host: 'ctl1' });

const ended = (run: Run): boolean => run.ended !== undefined;

type Steps = Parameters<typeof planOn>[1];

const begin = (...steps: Steps): Promise<string> =>
  parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, steps));

/** Counts its starts, and prints eight lines; the second half once it is let go. */
const eightLines = (): string =>
  `echo start >>${dir}/starts; for n in 1 2 3 4 5 6 7 8; do echo "line $n é"; [ $n != 4 ] || until [ -e ${dir}/go ]; do sleep 0.05; done; done`;
const letGo = (): Promise<void> => writeFile(`${dir}/go`, '');
const printedSha = createHash('sha256')
  .update(Array.from({ length: 8 }, (_, n) => `line ${n + 1} é\n`).join(''))
  .digest('hex');

/** Once the step has a status, `reattached` among them. */
const until = (id: string, step: string, wanted: HostStep['status'] | 'reattached'): Promise<Run> =>
  parts.until(id, `${step}: ${wanted}`, (run) => {
    const { status, reattached } = state(run, step);
    return wanted === 'reattached' ? reattached !== undefined : status === wanted;
  });

describe('a worker', () => {
  it('runs a plan to its end after the approval, and keeps what was printed', async () => {
    parts.startWorker();
    const id = await begin(shell('one', 'echo first'), shell('two', 'echo second'));
    await parts.approve(id);

    const run = await parts.until(id, 'ended', ended);

    expect(run.ended?.outcome).toBe('succeeded');
    expect(state(run, 'one')).toMatchObject({
      status: 'succeeded',
      tail: 'first',
      sizeBytes: 6,
      sha256: createHash('sha256').update('first\n').digest('hex'),
    });
    expect(state(run, 'two')).toMatchObject({ status: 'succeeded', tail: 'second' });
  });

  it('refuses a run whose host cannot be reached, before anything began', async () => {
    parts.startWorker();
    const target = { ...sshd.target({ host: 'ctl1' }), port: 1 };
    const id = await parts.begin(planOn({ ctl1: target }, [shell('one', 'echo first')]));

    const run = await parts.until(id, 'ended', ended);

    expect(run.ended?.outcome).toBe('refused');
    expect(run.checks.get('ctl1')?.problem?.reason).toContain('ctl1');
    expect(await parts.store.lockOf('test')).toBeUndefined();
  });

  it('goes on where another worker left off, and starts nothing twice', async () => {
    const first = parts.startWorker();
    const id = await begin(shell('one', eightLines()));
    await parts.approve(id);
    await until(id, 'one', 'running');
    await first.drain();
    parts.startWorker();
    await until(id, 'one', 'reattached');
    await letGo();

    const run = await parts.until(id, 'ended', ended);

    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    expect(state(run, 'one')).toMatchObject({
      status: 'succeeded',
      sha256: printedSha,
      reattached: { reason: expect.stringContaining('worker') },
    });
  });

  it('says that the link is lost, re-attaches, and gets the same bytes', async () => {
    parts.startWorker();
    const id = await begin(shell('one', eightLines()));
    await parts.approve(id);
    await until(id, 'one', 'running');
    const outputs = openOutputs(parts.connect());
    await eventually(() => outputs.read(id, executionId(id, work('one'))));
    sshd.cut();
    await until(id, 'one', 'reattached');
    await letGo();

    const run = await parts.until(id, 'ended', ended);

    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    expect(state(run, 'one')).toMatchObject({
      status: 'succeeded',
      sha256: printedSha,
      reattached: { reason: 'the link to the host was lost' },
    });
  });

  it('asks a person after a failure, and rolls back what had begun, last first', async () => {
    parts.startWorker();
    await writeFile(`${dir}/order`, '');
    const undoing = (id: string, script = 'true') =>
      shell(id, script, { undo: [['sh', '-c', `echo ${id} >>${dir}/order`]] });
    const id = await begin(undoing('one'), undoing('two'), undoing('three', 'echo broken; exit 3'));
    await parts.approve(id);
    const failed = await until(id, 'three', 'failed');
    expect(state(failed, 'three')).toMatchObject({
      tail: 'broken',
      failure: { exit: 3, command: "sh -c 'echo broken; exit 3'" },
    });

    await parts.append(id, { type: 'RollbackRequested', by: 'UANN', to: 'one' });
    const run = await parts.until(id, 'ended', ended);

    expect(run.ended?.outcome).toBe('rolledBack');
    expect(await readFile(`${dir}/order`, 'utf8')).toBe('three\ntwo\none\n');
  });

  it('shows with a service that does not start what its host knows of it', async () => {
    const bin = join(dir, 'bin');
    await mkdir(bin);
    const program = (name: string, script: string): Promise<void> =>
      writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await program(
      'systemctl',
      `case "$*" in
start*) echo "Job for web.service failed." >&2; exit 1 ;;
*LoadState*) printf "LoadState=loaded\\nActiveState=failed\\nSubState=failed\\nUnitFileState=enabled\\nInvocationID=\\n" ;;
*InactiveExitTimestamp*) echo "Mon 2026-11-23 05:20:00 UTC" ;;
*) echo failed ;;
esac`,
    );
    await program('journalctl', 'echo "Invalid command, at mysql+pymysql://nova:hunter2@db1/nova"');
    const own = await startTestSshd({ env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } });
    try {
      parts.startWorker();
      const id = await parts.begin(
        planOn({ ctl1: own.target({ host: 'ctl1' }) }, [
          {
            id: 'web',
            kind: 'service',
            params: { name: 'web', state: 'started' },
            apply: [{ words: ['systemctl', 'start', 'web'] }],
          },
        ]),
      );
      await parts.approve(id);
      const run = await until(id, 'web', 'failed');

      const { tail } = state(run, 'web');
      expect(tail).toContain('Job for web.service failed.\nweb is failed (failed, failed)\n');
      expect(tail).toContain('Invalid command');
      expect(tail).not.toContain('hunter2');
    } finally {
      await own.stop();
    }
  });

  it('aborts what runs, and ends only when it is gone', async () => {
    parts.startWorker();
    const id = await begin(shell('one', `echo $$ >${dir}/pid; sleep 60 & wait`));
    await parts.approve(id);
    await until(id, 'one', 'running');
    const pid = await eventually(
      async () => Number(await readFile(`${dir}/pid`, 'utf8').catch(() => '')) || undefined,
    );

    await parts.append(id, { type: 'AbortRequested', by: 'UANN' });
    const run = await parts.until(id, 'ended', ended);

    expect(run.ended?.outcome).toBe('aborted');
    expect(state(run, 'one').status).toBe('stopped');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('ends a step that takes too long, and says so', async () => {
    parts.startWorker();
    const id = await begin({ ...shell('one', 'sleep 60'), timeoutMs: 1000 });
    await parts.approve(id);

    const run = await until(id, 'one', 'failed');

    expect(state(run, 'one').failure).toEqual({ cause: 'timeout' });
  });

  it('calls a killed step unknown, and runs it again only when a person says so', async () => {
    parts.startWorker();
    const script = `echo start >>${dir}/starts; [ -e ${dir}/again ] && exit 0; kill -9 $PPID`;
    const id = await begin(shell('one', script));
    await parts.approve(id);
    const lost = await until(id, 'one', 'unknown');
    expect(state(lost, 'one').evidence).toContain('gone without an exit code');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');

    await writeFile(`${dir}/again`, '');
    await parts.append(id, {
      type: 'RetryRequested',
      by: 'UANN',
      phase: 'apply',
      step: 'one',
      hosts: ['ctl1'],
    });
    const run = await parts.until(id, 'ended', ended);

    expect(run.ended?.outcome).toBe('succeeded');
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\nstart\n');
  });

  it('does nothing where the work is already done', async () => {
    parts.startWorker();
    const id = await begin(shell('one', `touch ${dir}/ran`, { unless: ['true'] }));
    await parts.approve(id);

    const run = await parts.until(id, 'ended', ended);

    expect(state(run, 'one').status).toBe('unchanged');
    await expect(readFile(`${dir}/ran`)).rejects.toThrow('ENOENT');
  });

  it('finds on the host what Redis has forgotten, and starts nothing twice', async () => {
    const first = parts.startWorker();
    const id = await begin(shell('one', eightLines(), { unless: ['test', '-e', `${dir}/starts`] }));
    await parts.until(id, 'asking', (run) => run.gates['one']?.requestedAt !== undefined);
    await first.drain();
    await parts.approve(id);
    await parts.redis.kill9();
    await cp(`${parts.redisDir}/appendonlydir`, `${dir}/earlier`, { recursive: true });
    const redis = await startRedisServer({ dir: parts.redisDir });
    const second = parts.startWorker();
    await eventually(() => readFile(`${dir}/starts`, 'utf8').catch(() => undefined));
    // It would go on following what the log will have forgotten, and hide that another has to find it.
    await second.drain();
    await redis.kill9();
    await rm(`${parts.redisDir}/appendonlydir`, { recursive: true });
    await cp(`${dir}/earlier`, `${parts.redisDir}/appendonlydir`, { recursive: true });
    later = await startRedisServer({ dir: parts.redisDir });
    parts.startWorker();
    await until(id, 'one', 'reattached');
    await letGo();

    const run = await parts.until(id, 'ended', ended);

    // The probe says by now that all is done, and is not asked: what began is followed to its end.
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    expect(state(run, 'one')).toMatchObject({
      status: 'succeeded',
      tail: expect.stringContaining('line 8'),
      before: { done: false },
      reattached: { reason: 'the worker that followed it had ended or fallen silent' },
    });
  });
});
