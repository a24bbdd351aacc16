import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
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
    mkdtemp(join(tmpdir(), 'hopscotch-forgotten-')),
  ]);
});

afterEach(async () => {
  await parts.stop();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const one = (run: Run) => hostStep(run, work('one'));
const starts = (): Promise<string> => readFile(`${dir}/starts`, 'utf8');

/** A run of one step that is counted, writes its pid and ends once it is let go. */
async function begin(script: string): Promise<string> {
  const whole = `echo start >>${dir}/starts; echo $$ >${dir}/pid; ${script}`;
  const step = {
    id: 'one',
    params: { run: ['sh', '-c', whole], undo: [] },
    apply: [{ words: ['sh', '-c', whole] }],
  };
  const id = await parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
  await parts.approve(id);
  await parts.until(id, 'running', (run) => one(run).status === 'running');
  await eventually(() => starts().catch(() => undefined));
  return id;
}

const kill = async (): Promise<void> => {
  process.kill(Number(await readFile(`${dir}/pid`, 'utf8')), 'SIGKILL');
};

const untilForgotten = (id: string): Promise<Run> =>
  parts.until(
    id,
    'forgotten',
    (run) => one(run).evidence?.includes('knows nothing of it') === true,
  );

describe('a step that its host has forgotten', () => {
  it('is unknown, and does not start again by itself, when it removed its own record', async () => {
    const first = parts.startWorker();
    const id = await begin('until rm -rf ~/.hopscotch/*; do :; done; exec sleep 300');
    await first.drain();
    parts.startWorker();

    const run = await untilForgotten(id);

    expect(one(run)).toMatchObject({ status: 'unknown', attempt: 1 });
    expect(one(run).evidence).toContain('(sleep 300)');
    expect(one(run)).not.toHaveProperty('reattached');
    expect(await starts()).toBe('start\n');
    await kill();
  });

  it('is unknown, and does not start again, when its silent host comes back as it was before', async () => {
    parts.startWorker();
    const id = await begin('exec sleep 300');
    await sshd.halt();
    sshd.cut();
    const silent = await parts.until(id, 'unknown', (run) => one(run).status === 'unknown');
    expect(one(silent).lostAt).toBeDefined();
    await rename(join(sshd.home, '.hopscotch'), join(dir, 'later'));
    await sshd.start();

    const run = await untilForgotten(id);

    expect(one(run)).toMatchObject({ status: 'unknown', attempt: 1 });
    expect(one(run)).not.toHaveProperty('lostAt');
    expect(await starts()).toBe('start\n');
    await kill();
  });
});
