import { expect, it } from '@jest/globals';
import { beatForWorkers, noWorkerSince } from '../../../jobs/redis/pulse.ts';
import { eventually } from '../../support/eventually.ts';
import { testStore } from '../../support/servers/test-store.ts';

const stored = testStore();
const from = '2026-11-22T02:00:00.000Z';
const fromMs = Date.parse(from);

it('a worker that ended is missed, and one that beats is not', async () => {
  const { redis } = stored;
  const at = (seconds: number) => noWorkerSince(redis, { nowMs: fromMs + seconds * 1000, from });
  expect(await at(10)).toBeUndefined();
  expect(await at(16)).toBe(from);

  const stop = beatForWorkers(redis, { nowMs: () => fromMs + 20_000, ready: Promise.resolve() });
  await eventually(async () => ((await at(34)) === undefined ? true : undefined));
  stop();

  expect(await at(36)).toBe('2026-11-22T02:00:20.000Z');
});
