import type { RestoredThing } from '../../handlers/contract/handler.ts';
import { backupsBefore } from '../run/rollback/backups.ts';
import type { Plan, PlanStep } from '../run/plan.ts';
import type { ReadStep } from './steps.ts';

/** A step that only a backup undoes, and the steps that made the backup. */
export interface RestoredStep {
  readonly number: number;
  readonly by: RestoredThing;
  /** Numbers on the card; of whole hosts there may be several. */
  readonly backups: readonly number[];
}

/** How a run can be left once these steps have run. */
export interface PlanLeaving {
  /** The first of them that only a backup undoes. */
  readonly restored?: RestoredStep;
  /** The same of a step before them, so that the whole run goes back only by it. */
  readonly earlier?: RestoredStep;
  readonly oneWay: readonly ReadStep[];
  /** One-way steps before them. */
  readonly earlierOneWay: readonly number[];
}

export function planLeaving(
  { steps: all }: Pick<Plan, 'steps'>,
  some: readonly ReadStep[],
): PlanLeaving {
  const from = some[0]?.number ?? 1;
  const restored = some.find(({ step }) => step.exit === 'restorable')?.number;
  const before = all.slice(0, from - 1);
  const earlier = before.findIndex(({ exit }) => exit === 'restorable') + 1;
  return {
    ...(restored === undefined ? {} : { restored: restoredOf(all, restored) }),
    ...(earlier === 0 ? {} : { earlier: restoredOf(all, earlier) }),
    oneWay: some.filter(({ step }) => step.exit === 'oneWay'),
    earlierOneWay: before.flatMap(({ exit }, index) => (exit === 'oneWay' ? [index + 1] : [])),
  };
}

function restoredOf(all: readonly PlanStep[], number: number): RestoredStep {
  const step = all[number - 1];
  const backups = step === undefined ? [] : backupsBefore(all, number - 1, step.hosts);
  return {
    number,
    by: step?.restoredBy ?? 'databases',
    backups: [...new Set(backups.filter((index) => index >= 0).map((index) => index + 1))],
  };
}
