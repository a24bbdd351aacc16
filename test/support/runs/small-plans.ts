import fc from 'fast-check';
import type { PersonRights } from '../../../jobs/run/action.ts';
import type { Fix } from '../../../jobs/run/fixes.ts';
import type { Plan, PlanStep } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { planOf, step } from './events.ts';

export const modelPeople: readonly PersonRights[] = [
  { id: 'UANN', isEngineer: true, isApprover: true }, // who starts every run
  { id: 'UBEN', isEngineer: false, isApprover: true },
  { id: 'UCHIE', isEngineer: true, isApprover: true },
  { id: 'UDAN', isEngineer: true, isApprover: false },
  { id: 'UEVE', isEngineer: false, isApprover: false },
];

/** Weights, so that runs get far enough for the rare to happen late. */
export const weighted = <T>(...choices: readonly [number, T][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const steps = fc.array(
  fc.record({
    hosts: fc.subarray(['ctl1', 'cmp1', 'cmp2'], { minLength: 1 }),
    batch: fc.integer({ min: 1, max: 3 }),
    maxFailures: fc.nat(1),
    shape: weighted<Partial<PlanStep>>(
      [4, {}],
      [1, { exit: 'oneWay' }],
      [2, { restores: 'databases' }],
      [1, { isBackup: true }],
      [2, { restores: 'hosts', covers: ['ctl1', 'cmp1'], doer: 'person', undoByPerson: 'Restore' }],
      [1, { restores: 'hosts', covers: ['cmp2'], doer: 'person', undoByPerson: 'Restore' }],
      [2, { exit: 'restorable' }],
      [2, { exit: 'restorable', restoredBy: 'hosts' }],
    ),
    doer: fc.constantFrom('host' as const, 'host' as const, 'person' as const),
    gate: fc.constantFrom(undefined, undefined, 1, 2),
  }),
  { minLength: 1, maxLength: 5 },
);
/** Plans of at most five steps on three hosts, of all the ways in which a step can be left. */
export const smallPlans = steps.map((all): Plan => {
  const planned = all.map(({ gate, hosts, shape, ...drawn }, index) => {
    const rest = { ...drawn, ...shape };
    return step(`s${index}`, {
      ...rest,
      hosts: rest.doer === 'person' ? hosts.slice(0, 1) : hosts,
      ...(gate === undefined ? {} : { gate }),
    });
  });
  return planOf(...planned);
});

/** Several kinds: one step or two, on some hosts of the plan, one-way at times; then the failed one again, or not. */
export function someFix(run: Run, kind: number): Fix {
  const hosts = Object.keys(run.plan.targets).slice(0, 1 + (kind % 2));
  const exit = kind === 3 ? ('oneWay' as const) : ('reversible' as const);
  const mending = [
    step('mend', { hosts, exit, gate: 1 + (kind % 2) }),
    ...(kind > 1 ? [step('mend-more', { hosts })] : []),
  ];
  return { title: 'mend it', steps: mending, after: kind === 4 ? 'skip' : 'retry' };
}
