import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ActionName } from '../../../jobs/run/action.ts';
import { mayWorkBegin } from '../../../jobs/run/decide.ts';
import { planOf, step } from '../../support/runs/events.ts';
import {
  type AccountState,
  type Powers,
  type QuorumFindings,
  type QuorumMove,
  type QuorumParts,
  playQuorum,
} from '../../support/runs/quorum-world.ts';

const people = ['UANN', 'UBEN', 'UCHI', 'UDAN', 'UEVE'];
const somebody = fc.constantFrom(...people);

const weighted = <T>(...choices: readonly [number, T][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const changes = fc.oneof(
  somebody.map((who) => ({ approvers, ...rest }: Powers): Powers => ({
    ...rest,
    approvers: approvers.includes(who) ? approvers.filter((id) => id !== who) : [...approvers, who],
  })),
  fc
    .tuple(somebody, fc.constantFrom<AccountState>('fine', 'barred', 'silent'))
    .map(([who, account]) => (powers: Powers): Powers => ({
      ...powers,
      accounts: { ...powers.accounts, [who]: account },
    })),
  fc
    .integer({ min: 0, max: 3 })
    .map((needed) => (powers: Powers): Powers => ({ ...powers, needed })),
);

const moves = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('press' as const),
        name: weighted<ActionName>(
          [12, 'approve'],
          [3, 'resume'],
          [2, 'pause'],
          [2, 'retry'],
          [1, 'skip'],
          [1, 'reject'],
          [1, 'rollback'],
          [1, 'done'],
        ),
        who: weighted([1, 'UANN'], [4, 'UBEN'], [4, 'UCHI'], [2, 'UDAN'], [1, 'UEVE']),
        ago: fc.option(fc.nat(3), { nil: undefined }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('powers' as const), change: changes }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('work' as const),
        nth: fc.nat(3),
        fails: weighted([5, false], [1, true]),
      }),
    },
    { weight: 8, arbitrary: fc.constant({ do: 'advance' as const }) },
    { weight: 3, arbitrary: fc.constant({ do: 'judge' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'fix' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('remove' as const),
        nth: fc.nat(2),
        by: fc.constantFrom('file' as const, 'Slack' as const),
        seconds: fc.nat(60),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(60) }),
    },
  ) as fc.Arbitrary<QuorumMove>,
  { minLength: 20, maxLength: 60, size: 'max' },
);

/** Hosts are looked at first: what comes before the first request is of no interest here. */
const ready: readonly QuorumMove[] = [
  { do: 'advance' },
  { do: 'work', nth: 0, fails: false },
  { do: 'advance' },
];

const plans = fc
  .array(fc.record({ gate: fc.integer({ min: 1, max: 2 }), isForPerson: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((steps) =>
    planOf(
      ...steps.map(({ gate, isForPerson }, index) =>
        step(`s${index}`, { gate, doer: isForPerson ? 'person' : 'host' }),
      ),
    ),
  );

/** What so many interleavings came to. */
async function play(runs: number, parts?: Partial<QuorumParts>): Promise<QuorumFindings> {
  const wrong: string[] = [];
  const events: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(plans, moves, async (plan, sequence) => {
      const found = await playQuorum(plan, [...ready, ...sequence], parts);
      wrong.push(...found.wrong);
      for (const [type, count] of Object.entries(found.events))
        events[type] = (events[type] ?? 0) + count;
    }),
    { numRuns: runs, seed: Number(process.env['MODEL_SEED'] ?? 20261130) },
  );
  return { wrong, events };
}

describe('what begins behind a gate, whatever people, rights, numbers and restarts do', () => {
  const runs = Number(process.env['MODEL_RUNS'] ?? 2000);

  it('begins only with enough people who can approve', async () => {
    const { wrong, events } = await play(runs);

    expect(wrong).toEqual([]);
    for (const type of [
      'StepStarted',
      'PersonAsked',
      'ApprovalsVoided',
      'ApprovalsDoubted',
      'ApprovalsConfirmed',
    ])
      expect([type, (events[type] ?? 0) > runs / 50]).toEqual([type, true]);
  });

  const everybody: QuorumParts['access'] = (access, presser) => ({
    rightsOf: async (id, lists) => ({
      ...(await access.rightsOf(id, lists)),
      ...(id !== presser && { isApprover: true }),
    }),
  });

  it.each<[string, Partial<QuorumParts>]>([
    ['rights were judged once, when somebody presses', { access: everybody }],
    [
      'a quorum counted for ever',
      { begin: (run, { work, event }) => (mayWorkBegin(run, work) ? event : undefined) },
    ],
  ])('would show it if %s', async (_mutation, parts) => {
    expect((await play(500, parts)).wrong.length).toBeGreaterThan(0);
  });
});
