import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openSavePace } from '../../../jobs/worker/save-pace.ts';

describe('the pace of saving', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** How often each of so many is called within a minute. */
  async function callsInAMinute(many: number): Promise<number> {
    const pace = openSavePace({ leastMs: 1000, eachMs: 20 });
    let calls = 0;
    const ends = Array.from({ length: many }, () =>
      pace.repeat(async () => {
        calls += 1;
      }),
    );
    await jest.advanceTimersByTimeAsync(60_000);
    for (const end of ends) end();
    const until = calls;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(calls).toBe(until);
    return calls / many;
  }

  it('is once a second for few, and slower for many, and ends', async () => {
    expect(await callsInAMinute(1)).toBe(60);
    expect(await callsInAMinute(50)).toBe(60);
    expect(await callsInAMinute(200)).toBe(15);
  });

  it('is its own again once others have ended', async () => {
    const pace = openSavePace({ leastMs: 1000, eachMs: 1000 });
    let calls = 0;
    pace.repeat(async () => {
      calls += 1;
    });
    const others = [1, 2, 3].map(() => pace.repeat(async () => {}));
    for (const end of others) end();
    for (const end of others) end();
    await jest.advanceTimersByTimeAsync(10_500);

    expect(calls).toBe(10);
  });
});
