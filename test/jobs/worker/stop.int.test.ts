import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../../support/runs/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let dir: string;

beforeEach(async () => {
  [parts, sshd, dir] = await Promise.all([
    runningEngine(),
    startTestSshd(),
    mkdtemp(join(tmpdir(), 'hopscotch-stop-')),
  ]);
});

afterEach(async () => {
  await parts.stop();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const one = (run: Run) => hostStep(run, work('one'));
const attempt = (number: number) => work('one', 'ctl1', { attempt: number });

const begin = async (script: string): Promise<string> => {
  const step = {
    id: 'one',
    params: { run: ['sh', '-c', script], undo: [] },
    apply: [{ words: ['sh', '-c', script] }],
  };
  const id = await parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
  await parts.approve(id);
  await parts.until(id, 'running', (run) => one(run).status === 'running');
  return id;
};

describe('a step that outlived what is known of it', () => {
  it('meets no second start when a person retries it, and an abort ends it', async () => {
    parts.startWorker();
    const id = await begin(`echo start >>${dir}/starts; sleep 60`);
    await eventually(() => readFile(`${dir}/starts`).catch(() => undefined));
    await parts.append(id, { type: 'StepUnknown', work: attempt(1), evidence: 'no answer' });

    const retry = { phase: 'apply', step: 'one', hosts: ['ctl1'], by: 'UANN' } as const;
    await parts.append(id, { type: 'RetryRequested', ...retry, hosts: ['ctl1'] });
    const found = await parts.until(id, 'found', (run) => one(run).alive !== undefined);

    expect(one(found)).toMatchObject({
      status: 'unknown',
      attempt: 2,
      alive: expect.arrayContaining([
        { pid: expect.any(Number), command: 'sleep 60, of attempt 1' },
      ]),
    });
    const pid = one(found).alive?.[0]?.pid ?? 0;
    expect(isThere(pid)).toBe(true);

    await parts.append(id, { type: 'AbortRequested', by: 'UANN' });
    const ended = await parts.until(id, 'ended', (run) => run.ended !== undefined);

    expect(ended.ended?.outcome).toBe('aborted');
    expect(isThere(pid)).toBe(false);
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
  });

  it('meets no second start when all that is left of it is a child that the evidence names', async () => {
    parts.startWorker();
    const id = await begin(
      `echo start >>${dir}/starts; kill -9 $PPID; echo $$ >${dir}/pid; exec sleep 300`,
    );
    const lost = await parts.until(id, 'unknown', (run) => one(run).status === 'unknown');
    const pid = Number(await readFile(`${dir}/pid`, 'utf8'));
    expect(one(lost).evidence).toMatch(new RegExp(`these still run: .*\\b${pid} \\(sleep 300\\)`));

    const retry = { phase: 'apply', step: 'one', hosts: ['ctl1'], by: 'UANN' } as const;
    await parts.append(id, { type: 'RetryRequested', ...retry, hosts: ['ctl1'] });
    const found = await parts.until(id, 'found', (run) => one(run).alive !== undefined);

    expect(one(found)).toMatchObject({
      status: 'unknown',
      attempt: 2,
      evidence: `still alive on ctl1: pid ${pid} (sleep 300, of attempt 1)`,
    });
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    process.kill(pid, 'SIGKILL');
  });

  it('is not called ended by an abort that found nothing of it', async () => {
    parts.startWorker();
    const id = await begin(
      `until rm -rf ~/.hopscotch/*; do :; done; kill -9 $PPID; echo $$ >${dir}/pid; exec env -u HOPSCOTCH_STEP sleep 300`,
    );
    await parts.until(id, 'unknown', (run) => one(run).status === 'unknown');
    const pid = Number(await readFile(`${dir}/pid`, 'utf8'));

    await parts.append(id, { type: 'AbortRequested', by: 'UANN' });
    const run = await parts.until(id, 'asked', (now) => one(now).alive !== undefined);

    expect(one(run)).toMatchObject({
      status: 'unknown',
      alive: [],
      evidence: expect.stringContaining('whether something of it still runs is not known'),
    });
    expect(run.ended).toBeUndefined();
    expect(isThere(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('lets a person end a run whose host never answers again', async () => {
    parts.startWorker();
    const id = await begin('sleep 2');
    await sshd.stop();
    await parts.append(id, { type: 'AbortRequested', by: 'UANN' });

    const silent = await parts.until(id, 'unknown', (run) => one(run).status === 'unknown');
    expect(silent.ended).toBeUndefined();
    await parts.append(id, {
      type: 'SkipRequested',
      by: 'UANN',
      reason: 'it burned down',
      phase: 'apply',
      step: 'one',
      hosts: ['ctl1'],
    });

    const run = await parts.until(id, 'ended', (now) => now.ended !== undefined);
    expect(run.ended?.outcome).toBe('aborted');
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
