import { describe, expect, it } from '@jest/globals';
import { restartPauses } from '../../processes/restart-pauses.ts';

describe('a process that ended is started again', () => {
  it('after pauses that grow where it ended by itself', () => {
    const pauseAfter = restartPauses();
    const refused = () => pauseAfter({ livedMs: 1000, byItself: true });

    expect([refused(), refused(), refused(), refused(), refused(), refused()]).toEqual([
      2_000, 5_000, 15_000, 60_000, 300_000, 300_000,
    ]);
  });

  it('at once where it was killed after some time', () => {
    const pauseAfter = restartPauses();

    expect(pauseAfter({ livedMs: 60_000, byItself: false })).toBe(0);
    expect(pauseAfter({ livedMs: 100, byItself: false })).toBe(2_000);
  });

  it('soon again once it had lived for long', () => {
    const pauseAfter = restartPauses();
    for (let time = 0; time < 5; time += 1) pauseAfter({ livedMs: 1000, byItself: true });

    expect(pauseAfter({ livedMs: 600_000, byItself: true })).toBe(2_000);
  });
});
