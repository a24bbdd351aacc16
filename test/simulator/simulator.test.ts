import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { realCore } from './core.ts';
import { type HistoryCounts, playHistory } from './history.ts';
import { anyHistory } from './moves.ts';
import { mutants } from './mutants.ts';

describe('a run in the simulator', () => {
  it('keeps every promise after every event, whatever hosts, people, workers and the store do', () => {
    const counts: HistoryCounts = new Map();
    fc.assert(
      fc.property(anyHistory, (history) => playHistory(realCore, history, counts)),
      { numRuns: 300, seed: 11 },
    );

    // It is not that nothing ever went wrong.
    for (const fault of ['host forgets', 'host goesBack', 'host reboots', 'store went back'])
      expect(counts.get(fault)).toBeGreaterThan(0);
  });
});

describe('a core with one thing wrong', () => {
  it.each(mutants)('is caught: $wrong', ({ core, breaks }) => {
    const broken = fc.check(
      fc.property(anyHistory, (history) => playHistory(core, history)),
      { numRuns: 5000, seed: 1, endOnFailure: true },
    );

    expect(String(broken.errorInstance)).toMatch(breaks);
  });
});
