import { onceEach } from '../../../handlers/contract/once-each.ts';
import { backupsBefore, restoredWith } from './backups.ts';
import type { PlanStep } from '../plan.ts';
import { type Run, hostStep, isPassed } from '../run.ts';

export interface UndoStep {
  readonly step: PlanStep;
  /** Hosts where something began, so where there may be something to put back. */
  readonly hosts: readonly string[];
}

/** The rollback. `steps` is in the order in which they are undone: last first. */
export interface RollbackPlan {
  readonly steps: readonly UndoStep[];
  /** The first step of the plan that would be undone; absent when there is nothing to undo. */
  readonly to?: string;
  /** The step that nothing can go back beyond, where there is one: one-way, or restorable without a backup that worked. */
  readonly barrier?: PlanStep;
  /** The backup whose restore alone undoes a step that would be undone, where `to` stops short of it. */
  readonly needs?: PlanStep;
}

/**
 * What a rollback would undo: every step that began, back to `to` or as far as the barrier allows. Pure, so the button,
 * its confirmation and the run that follows say the same.
 */
export function planRollback(run: Run, to?: string): RollbackPlan {
  const plans = plansOf(run);
  const plan = plans.get(to) ?? rollbackOf(run, to);
  plans.set(to, plan);
  return plan;
}

/** Each decision and each card ask for it several times, and a state never changes. */
const plansOf = onceEach((_run: Run) => new Map<string | undefined, RollbackPlan>());

function rollbackOf(run: Run, to: string | undefined): RollbackPlan {
  const begun = run.plan.steps.map((step, index) => {
    const hosts = begunHosts(run, step);
    return {
      step,
      index,
      hosts,
      backups: step.exit === 'restorable' ? backups(run, index, hosts) : [],
    };
  });
  // A backup before a wall is out of reach, so what it alone restores is a wall, too.
  const wall = begun.reduce(
    (last, one, index) =>
      (one.step.exit === 'oneWay' && one.hosts.length > 0) ||
      one.backups.some((backup) => backup <= last)
        ? index
        : last,
    -1,
  );
  const wanted = to === undefined ? 0 : run.plan.steps.findIndex((step) => step.id === to);
  const from = Math.max(wall + 1, wanted);
  const used = new Set(begun.slice(from).flatMap((one) => one.backups));
  const needed = Math.min(...used);
  const needs = needed < from ? run.plan.steps[needed] : undefined;
  const undone = begun
    .slice(from)
    .filter(({ step, hosts }) => hosts.length > 0 && canBeUndone(step))
    .toReversed();
  const changed = begun.findLastIndex(({ step, hosts }) => hosts.length > 0 && !isLooking(step));
  const steps = undone
    // Nobody restores whole hosts for nothing.
    .filter(({ step, index }) => step.restores !== 'hosts' || used.has(index))
    // Since a backup that no change followed only people have written, maybe through what still serves.
    .filter(
      ({ step, index }) =>
        !isBackupDone(run, step) ||
        index < changed ||
        // It may run on its hosts: that it has worked was only found later.
        hasUndone(run, step),
    )
    .map(({ step, hosts }) => ({ step, hosts }));
  const first = steps.length === 0 ? undefined : undone.at(-1)?.step.id;
  const barrier = begun[wall]?.step;
  return {
    steps,
    ...(first === undefined ? {} : { to: first }),
    ...(barrier === undefined ? {} : { barrier }),
    ...(needs === undefined ? {} : { needs }),
  };
}

/** The hosts that a person restores whole on rollback; none when nobody has to. */
export const restoredHosts = ({ steps }: Pick<RollbackPlan, 'steps'>): string[] => [
  ...new Set(
    steps.flatMap(({ step }) => (step.restores === 'hosts' ? (step.covers ?? step.hosts) : [])),
  ),
];

/** Of a step that began: the latest backup before it that worked, for each of these hosts; -1 for none. */
const backups = (run: Run, index: number, hosts: readonly string[]): number[] =>
  backupsBefore(run.plan.steps, index, hosts, (step) => hasWorked(run, step));

const hasWorked = (run: Run, { id, hosts }: PlanStep): boolean =>
  hosts.every((host) => hostStep(run, { phase: 'apply', step: id, host }).status === 'succeeded');

/** Changes nothing that a backup would restore. */
const isLooking = (step: PlanStep): boolean =>
  restoredWith(step) !== undefined || step.purpose === 'check';

const isBackupDone = (run: Run, step: PlanStep): boolean =>
  restoredWith(step) !== undefined && hasWorked(run, step);

/** The first step that an earlier rollback has begun to undo: what comes after it cannot run before it ran again. */
export const firstUndone = (run: Run): PlanStep | undefined =>
  run.plan.steps.find((step) => hasUndone(run, step));

const hasUndone = (run: Run, { id, hosts }: PlanStep): boolean =>
  hosts.some((host) => {
    const undo = hostStep(run, { phase: 'undo', step: id, host });
    return undo.began || isPassed(undo);
  });

const begunHosts = (run: Run, step: PlanStep): string[] =>
  step.hosts.filter((host) => hostStep(run, { phase: 'apply', step: step.id, host }).began);

/** A person who only looked at something has nothing to take back, and is not asked to. */
export const canBeUndone = (step: PlanStep): boolean =>
  step.doer === 'host' || step.undoByPerson !== '';
