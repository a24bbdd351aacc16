import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../../support/runs/events.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let dir: string;

beforeEach(async () => {
  [parts, sshd, dir] = await Promise.all([
    runningEngine(),
    startTestSshd(),
    mkdtemp(join(tmpdir(), 'hopscotch-clocks-')),
  ]);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await parts.stop();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const one = (run: Run) => hostStep(run, work('one'));

describe('a worker whose clock is two hours ahead', () => {
  it('lets a step of another run to its end, and writes down the time that all share', async () => {
    const first = parts.startWorker();
    const script = `echo start >>${dir}/starts; until [ -e ${dir}/go ]; do sleep 0.05; done`;
    const step = {
      id: 'one',
      params: { run: ['sh', '-c', script], undo: [] },
      apply: [{ words: ['sh', '-c', script] }],
    };
    const id = await parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
    await parts.approve(id);
    await parts.until(id, 'running', (run) => one(run).status === 'running');
    await first.drain();
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 2 * 3_600_000);
    parts.startWorker();
    await parts.until(id, 'reattached', (run) => one(run).reattached !== undefined);
    await writeFile(`${dir}/go`, '');

    const run = await parts.until(id, 'ended', ({ ended }) => ended !== undefined);

    expect(one(run)).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    expect(Date.parse(one(run).finishedAt ?? '')).toBeLessThan(real() + 3_600_000);
  });
});
