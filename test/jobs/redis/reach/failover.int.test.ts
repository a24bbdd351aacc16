import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runUnderFailovers, stepsFor } from '../../../support/processes/failed-over-run.ts';
import {
  type RedisPair,
  pairBehindAddress,
  pairBehindSentinel,
} from '../../../support/servers/redis-pair.ts';

let pair: RedisPair;
afterEach(() => pair.stop());

const given = readFileSync(
  join(import.meta.dirname, '../../../cases/54-readonly-after-a-failover.txt'),
  'utf8',
);

async function expectWholeRun(times: number): Promise<void> {
  const { run, ledger, log } = await runUnderFailovers({ pair, times });

  expect(run.ended).toMatchObject({ outcome: 'succeeded' });
  // Each step once, in order: nothing doubled, nothing lost.
  expect(ledger).toEqual(Array.from({ length: stepsFor(times) }, (_, step) => String(step)));
  expect(log).not.toMatch(/planted-password|"args"/);
}

describe('a run goes on without a person', () => {
  // taskforcesh/bullmq#1928, OptimalBits/bull#1738 and #1947, medplum/medplum#8314.
  it('54-readonly-after-a-failover: where the address moves and old connections stay', async () => {
    expect(given).toContain('new connections to B, old ones kept');
    pair = await pairBehindAddress();
    await expectWholeRun(2);
  }, 120_000);

  // `npm run test:failover` plays the others: an old primary that is killed, or frozen.
  it('where Sentinel makes another one the primary, and the old one is told', async () => {
    pair = await pairBehindSentinel('told');
    await expectWholeRun(1);
  }, 120_000);
});
