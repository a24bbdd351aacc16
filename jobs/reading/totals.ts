import type { ChangedThing } from '../../handlers/contract/deed.ts';
import type { ReadStep } from './steps.ts';

/** Things of one kind that steps change, and where. */
export interface ChangeTotal {
  readonly what: ChangedThing;
  readonly names: readonly string[];
  readonly hosts: readonly string[];
}

/** What steps change, kind by kind, in the order in which it begins; and how many of them only look. */
export function changeTotals(steps: readonly Pick<ReadStep, 'step' | 'deed'>[]): {
  readonly changes: readonly ChangeTotal[];
  readonly looks: number;
} {
  const found = new Map<ChangedThing, { names: Set<string>; hosts: Set<string> }>();
  for (const { step, deed } of steps)
    for (const { what, name } of deed.changes) {
      const total = found.get(what) ?? { names: new Set(), hosts: new Set() };
      found.set(what, total);
      total.names.add(name);
      for (const host of step.hosts) total.hosts.add(host);
    }
  return {
    changes: [...found].map(([what, { names, hosts }]) => ({
      what,
      names: [...names],
      hosts: [...hosts],
    })),
    looks: steps.filter(({ deed }) => deed.changes.length === 0).length,
  };
}
