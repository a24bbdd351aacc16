import { type PlanStep, plannedDeed } from '../plan.ts';
import { type Run, hostStep } from '../run.ts';
import { restoredWith } from './backups.ts';
import { type RollbackDemand, rollbackDemand } from './rollback-demand.ts';
import { type RollbackPlan, planRollback, restoredHosts } from './rollback.ts';

/** Databases that go back to how they were at one moment. */
export interface RestoredDatabases {
  /** By name; the title of the backup where its kind does not say. */
  readonly names: readonly string[];
  /** When their backup was begun: all that was written since is lost. */
  readonly at: string;
  /** The step that made the backup, and where it lies. */
  readonly step: string;
  readonly hosts: readonly string[];
}

/** What going back from here costs. */
export interface RollbackPrice {
  /** The step that the run goes back to just before. */
  readonly to: string;
  /** The release that the cloud has afterwards; absent where the steps do not say or the hop is not left whole. */
  readonly release?: string;
  readonly databases: readonly RestoredDatabases[];
  /** The earliest backup that is restored: what was written since is lost. Absent where no database goes back. */
  readonly lostSince?: string;
  /** Hosts that a person restores whole. */
  readonly byPerson: readonly string[];
  readonly steps: number;
  readonly hosts: readonly string[];
  /** One-way steps of the run that have begun: they stay. */
  readonly stays: readonly Pick<PlanStep, 'id' | 'title'>[];
  /** Units that are stopped now or while it goes back, so that their APIs are down until its end. */
  readonly down: readonly string[];
  readonly demand: RollbackDemand;
}

/**
 * What a rollback costs, to `to` or as far as it goes; undefined where it would undo nothing. Pure: every door shows this
 * one before anybody decides.
 */
export function rollbackPrice(run: Run, to?: string): RollbackPrice | undefined {
  const way = planRollback(run, to);
  if (way.to === undefined) return undefined;
  const databases = restoredDatabases(run, way);
  const [lostSince] = databases.map(({ at }) => at).toSorted();
  const release = releaseAfter(run, way);
  return {
    to: way.to,
    ...(release !== undefined && { release }),
    databases,
    ...(lostSince !== undefined && { lostSince }),
    byPerson: restoredHosts(way),
    steps: way.steps.length,
    hosts: [...new Set(way.steps.flatMap(({ hosts }) => hosts))],
    stays: run.plan.steps
      .filter((step) => step.exit === 'oneWay' && firstBegun(run, step) !== undefined)
      .map(({ id, title }) => ({ id, title })),
    down: stoppedUnits(way),
    demand: rollbackDemand(run, way),
  };
}

/** Backups of databases whose restore undoes something: without a change after them they restore nothing. */
function restoredDatabases(run: Run, { steps }: RollbackPlan): RestoredDatabases[] {
  const changed = steps.map(({ step }) => step.exit === 'restorable' && ofDatabases(step));
  return steps.flatMap(({ step, hosts }, index) => {
    const isNeeded = changed.slice(0, index).includes(true);
    const at = firstBegun(run, step);
    if (restoredWith(step) !== 'databases' || !isNeeded || at === undefined) return [];
    return [{ names: namesOf(step), at, step: step.id, hosts }];
  });
}

const ofDatabases = ({ restoredBy }: PlanStep): boolean => restoredBy !== 'hosts';

function namesOf(step: PlanStep): readonly string[] {
  const names = changesOf(step)
    .filter(({ what }) => what === 'backup')
    .map(({ name }) => name);
  return names.length === 0 ? [step.title] : names;
}

const changesOf = (step: PlanStep) => plannedDeed(step)?.changes ?? [];

const stoppedUnits = ({ steps }: RollbackPlan): string[] => [
  ...new Set(
    steps.flatMap(({ step }) =>
      changesOf(step).flatMap(({ what, name }) => (what === 'stop' ? [name] : [])),
    ),
  ),
];

/** When a step first began anywhere; undefined where it did not. */
function firstBegun(run: Run, { id, hosts }: PlanStep): string | undefined {
  const states = hosts.map((host) => hostStep(run, { phase: 'apply', step: id, host }));
  const begun = states.filter(({ began }) => began);
  if (begun.length === 0) return undefined;
  return begun.flatMap(({ startedAt }) => startedAt ?? []).toSorted()[0] ?? run.requestedAt;
}

/** The release that the hop began with, where nothing that the hop began is left. */
function releaseAfter(run: Run, { to }: RollbackPlan): string | undefined {
  const index = run.plan.steps.findIndex(({ id }) => id === to);
  const hop = run.plan.steps[index]?.hop;
  const isLeft = run.plan.steps
    .slice(0, index)
    .some((step) => step.hop?.to === hop?.to && firstBegun(run, step) !== undefined);
  return isLeft ? undefined : hop?.from;
}
