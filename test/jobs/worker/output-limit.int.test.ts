import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCard } from '../../../bot/views/card/run-card.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../../support/runs/events.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;

beforeEach(async () => {
  parts = await runningEngine();
});

afterEach(async () => {
  await parts.stop();
  await sshd.stop();
});

const failureOf = (run: Run) => hostStep(run, work('one')).failure;

async function failed(script: string, outputLimitBytes: number): Promise<Run> {
  parts.startWorker();
  const words = ['sh', '-c', script];
  const step = { id: 'one', params: { run: words, undo: [] }, apply: [{ words }] };
  const plan = planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]);
  const id = await parts.begin({
    ...plan,
    steps: plan.steps.map((planned) => ({ ...planned, outputLimitBytes })),
  });
  await parts.approve(id);
  return parts.until(id, 'failed', (run) => failureOf(run) !== undefined);
}

describe('a step that prints without end', () => {
  it('is ended at its limit, and the card says so', async () => {
    sshd = await startTestSshd();
    const run = await failed('exec yes', 1024 * 1024);

    expect(failureOf(run)).toEqual({ cause: 'output', limitBytes: 1024 * 1024, exit: 143 });

    expect(JSON.stringify(runCard(run, run.at).blocks)).toContain(
      'it wrote more than 1 MiB of output, so it was ended',
    );
    expect(hostStep(run, work('one')).tail).toMatch(/^y\ny\n/);
  });
});

describe('a step that fills the disk', () => {
  it('fails with the disk named, and not only with the exit code of what could not write', async () => {
    sshd = await startTestSshd({ homeBytes: 16 * 1024 * 1024 });
    const run = await failed('exec cat /dev/zero', 1024 ** 3);

    expect(failureOf(run)).toMatchObject({ cause: 'exit', exit: 1, fullDisks: [sshd.home] });
    const seen = JSON.stringify(runCard(run, run.at).blocks);
    expect(seen).toContain(
      `the disk is full: no room at ${sshd.home} (the output of the step takes 1`,
    );
    expect(seen).toContain(`Make room at ${sshd.home} on ctl1`);
  });
});
