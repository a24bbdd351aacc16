import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { startWorker, type RunningWorker } from '../../jobs/worker/worker.ts';
import { runningEngine, type RunningEngine } from '../support/processes/running.ts';
import { openDrillLab, type DrillLab } from './lab.ts';
import { walkPath } from './walk.ts';

jest.setTimeout(240_000);

const log = pino({ level: 'silent' });
let engine: RunningEngine;
let worker: RunningWorker;
let lab: DrillLab;

beforeAll(async () => {
  engine = await runningEngine(log);
  worker = startWorker({ connect: engine.connect, log });
  lab = await openDrillLab({ log, failures: ['tokenCron', 'wrongSubnet'], change: withCorrection });
});

afterAll(async () => {
  await worker.drain();
  await lab.stop();
  await engine.stop();
});

/** The path with a one-way step of ours, just before these rows are checked. */
const withCorrection = ({ steps, ...road }: Runbook): Runbook => {
  const index = steps.findIndex(({ id }) => id === 'kilo-neutron-subnets');
  return { ...road, steps: steps.toSpliced(index, 0, correction) };
};

const correction: Runbook['steps'][number] = {
  id: 'correct-subnet',
  title: 'Correct the CIDR of the external subnet',
  kind: 'command',
  on: 'database',
  maxFailures: 0,
  params: {
    run: [
      'mysql',
      '--defaults-file=/root/.hopscotch.cnf',
      '-e',
      "UPDATE neutron.subnets SET cidr = '203.0.113.0/25' WHERE name = 'ext-a'",
    ],
  },
};

it('leads back to the start, or to just after a one-way step of which the card says so', async () => {
  const rows = await walkPath(engine, lab, [
    { step: 'kilo-keystone-cron-off', ways: ['before', 'after'], back: 'start' },
    { step: 'correct-subnet', ways: ['after'], back: 'start' },
    { step: 'kilo-keystone-packages', ways: ['after'], back: 'start' },
  ]);

  const back = { end: 'failed', differences: [] };
  expect(rows).toEqual([
    expect.objectContaining({ ...back, step: 'kilo-keystone-cron-off', way: 'before' }),
    expect.objectContaining({ ...back, step: 'kilo-keystone-cron-off', way: 'after' }),
    expect.objectContaining({
      step: 'correct-subnet',
      barrier: 'correct-subnet',
      promise: 'not possible: *Correct the CIDR of the external subnet* is one-way',
    }),
    expect.objectContaining({
      ...back,
      step: 'kilo-keystone-packages',
      barrier: 'correct-subnet',
      promise: expect.stringMatching(
        /^to just after \*Correct the CIDR of the external subnet\*: undoes \d+ steps on .* is one-way$/,
      ),
    }),
  ]);
  expect(rows[1]).not.toHaveProperty('barrier');
});
