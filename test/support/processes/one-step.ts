import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../runs/events.ts';
import { type TestSshd, startTestSshd } from '../servers/sshd.ts';
import { type RunningEngine, planOn, runningEngine } from './running.ts';

export interface OneStep {
  readonly engine: RunningEngine;
  readonly sshd: TestSshd;
  /** Of the test, emptied behind it. */
  readonly dir: string;
  /** Resolves to the run once its one step, `one` on ctl1, is running; others may come after it. */
  readonly begin: (
    script: string,
    ...then: readonly [id: string, script: string][]
  ) => Promise<string>;
}

/** For each test of a file an engine without workers, a host and a folder. */
export function oneStepEach(): OneStep {
  let engine: RunningEngine;
  let sshd: TestSshd;
  let dir: string;
  beforeEach(async () => {
    [engine, sshd, dir] = await Promise.all([
      runningEngine(),
      startTestSshd(),
      mkdtemp(join(tmpdir(), 'hopscotch-one-')),
    ]);
  });
  afterEach(async () => {
    await engine.stop();
    await sshd.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    get engine() {
      return engine;
    },
    get sshd() {
      return sshd;
    },
    get dir() {
      return dir;
    },
    begin: async (script, ...then) => {
      const steps = [['one', script] as const, ...then].map(([id, text]) => {
        const words = ['sh', '-c', text];
        return { id, params: { run: words, undo: [] }, apply: [{ words }] };
      });
      const id = await engine.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, steps));
      await engine.approve(id);
      await engine.until(id, 'running', (run) => theOne(run).status === 'running');
      return id;
    },
  };
}

/** The one step of such a run. */
export const theOne = (run: Run) => hostStep(run, work('one'));
