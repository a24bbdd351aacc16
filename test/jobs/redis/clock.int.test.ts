import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type LogClock, openClock } from '../../../jobs/redis/clock.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

let server: TestRedis;
let clock: LogClock | undefined;

beforeAll(async () => {
  server = await startTestRedis();
});
afterEach(() => {
  clock?.close();
  jest.restoreAllMocks();
});
afterAll(() => server.stop());

const hourMs = 3_600_000;

describe('the clock that all processes share', () => {
  it('is that of the store, whatever the clock of this machine says and does', async () => {
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 2 * hourMs);
    clock = openClock(server.connect());
    await clock.ready;
    const before = clock.nowMs();

    expect(Math.abs(before - real())).toBeLessThan(hourMs / 2);
    jest.spyOn(Date, 'now').mockImplementation(() => real() - 5 * hourMs);
    expect(clock.nowMs() - before).toBeGreaterThanOrEqual(0);
    expect(clock.nowMs() - before).toBeLessThan(hourMs / 2);
    expect(Date.parse(clock.now())).toBeGreaterThanOrEqual(before);
  });

  it('is that of this machine while the store is away', async () => {
    clock = openClock({ time: () => Promise.reject(new Error('away')) });
    await clock.ready;

    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(hourMs / 2);
  });
});
