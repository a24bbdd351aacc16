import fc from 'fast-check';
import type { ActionName } from '../../jobs/run/action.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import { smallPlans, weighted } from '../support/runs/small-plans.ts';

const wishes = fc.array(
  weighted<ActionName>(
    [60, 'approve'],
    [60, 'resume'],
    [60, 'done'],
    [30, 'retry'],
    [10, 'skip'],
    [15, 'fix'],
    [20, 'rollback'],
    [30, 'confirm'],
    [6, 'decline'],
    [5, 'pause'],
    [2, 'reject'],
    [4, 'abort'],
  ),
  { minLength: 1, maxLength: 3 },
);
const nth = fc.nat(7);
const moves = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({ do: fc.constant('work' as const), nth, steps: fc.nat(6) }),
  },
  { weight: 25, arbitrary: fc.record({ do: fc.constant('decide' as const) }) },
  // All at once, as it is on a good day; without it hardly any history would get far.
  { weight: 20, arbitrary: fc.record({ do: fc.constant('goOn' as const), rounds: fc.nat(4) }) },
  {
    weight: 25,
    arbitrary: fc.record({
      do: fc.constant('press' as const),
      wishes,
      who: weighted([1, 0], [4, 1], [4, 2], [2, 3], [1, 4]),
      back: fc.option(fc.nat(5), { freq: 2 }),
      /** What it was drawn from is so many moves old. */
      ago: weighted([8, 0], [1, 2], [1, 6]),
      isTyped: weighted([4, false], [1, true]),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pressAgain' as const) }) },
  {
    weight: 25,
    arbitrary: fc.record({
      do: fc.constant('process' as const),
      nth,
      what: weighted<ProcessFate>(
        [20, 'succeeds'],
        [8, 'fails'],
        [5, 'leavesChild'],
        [2, 'vanishes'],
        [2, 'isLate'],
        [4, 'isStubborn'],
      ),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('host' as const),
      nth,
      what: weighted<HostFate>(
        [4, 'silent'],
        [6, 'answers'],
        [1, 'reboots'],
        [1, 'forgets'],
        [1, 'goesBack'],
      ),
      count: fc.nat(2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('expire' as const), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('crash' as const), nth, isLost: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crashAll' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('storeGoesBack' as const),
      events: fc.integer({ min: 1, max: 6 }),
      losesJobs: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      ms: fc.constantFrom(-7_200_000, -500, 60_000, 7_200_000),
    }),
  },
);
type ProcessFate = 'succeeds' | 'fails' | 'leavesChild' | 'vanishes' | 'isLate' | 'isStubborn';
type HostFate = 'silent' | 'answers' | 'reboots' | 'forgets' | 'goesBack';
export type SimMove = typeof moves extends fc.Arbitrary<infer M> ? M : never;

/** How a history comes to its end, once nothing more goes wrong. */
const endings = weighted<SimEnding>([4, 'finish'], [2, 'abort'], [1, 'hosts are dead']);
export type SimEnding = 'a good day' | 'finish' | 'abort' | 'hosts are dead';

export interface SimHistory {
  readonly plan: Plan;
  /** Of ten faults, so many do not happen. */
  readonly calm: number;
  readonly moves: readonly (SimMove & { readonly luck: number })[];
  readonly ending: SimEnding;
}

export const anyHistory: fc.Arbitrary<SimHistory> = fc.record({
  plan: smallPlans,
  calm: weighted([2, 0], [3, 5], [3, 8], [1, 10]),
  // Without its bias towards little, of which not much can go wrong.
  moves: fc.noBias(
    fc.array(
      fc.tuple(moves, fc.nat(9)).map(([move, luck]) => ({ ...move, luck })),
      { maxLength: 130, size: 'max' },
    ),
  ),
  ending: endings,
});
