import type { PlanStep } from './plan.ts';
import { type Run, hostStep, isPassed } from './run.ts';

export interface UndoStep {
  readonly step: PlanStep;
  /** Hosts where something began, so where there may be something to put back. */
  readonly hosts: readonly string[];
}

/** The way back. `steps` is in the order in which they are undone: last first. */
export interface WayBack {
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
export function wayBack(run: Run, to?: string): WayBack {
  const begun = run.plan.steps.map((step) => ({ step, hosts: begunHosts(run, step) }));
  const wall = begun.findLastIndex(
    ({ step, hosts }, at) =>
      hosts.length > 0 && (step.exit === 'oneWay' || isUncovered(run, step, at)),
  );
  const wanted = to === undefined ? 0 : run.plan.steps.findIndex((step) => step.id === to);
  const from = Math.max(wall + 1, wanted);
  const restored = begun.findIndex(
    ({ step, hosts }, at) => at >= from && hosts.length > 0 && step.exit === 'restorable',
  );
  const backup = restored === -1 ? -1 : backupBefore(run, restored);
  const needs = backup < from ? run.plan.steps[backup] : undefined;
  const steps = begun
    .slice(from)
    .filter(({ step, hosts }) => hosts.length > 0 && canBeUndone(step))
    .toReversed();
  const first = steps.at(-1)?.step.id;
  const barrier = begun[wall]?.step;
  return {
    steps,
    ...(first === undefined ? {} : { to: first }),
    ...(barrier === undefined ? {} : { barrier }),
    ...(needs === undefined ? {} : { needs }),
  };
}

/** Whether this step changed what only a backup restores, and there is none. */
const isUncovered = (run: Run, step: PlanStep, at: number): boolean =>
  step.exit === 'restorable' && backupBefore(run, at) === -1;

/** Index of the latest backup before a step that worked, with no one-way step in between; -1 for none. */
function backupBefore(run: Run, at: number): number {
  const before = run.plan.steps.slice(0, at);
  const backup = before.findLastIndex((step) => step.isBackup === true && hasWorked(run, step));
  const wall = before.findLastIndex(
    (step) => step.exit === 'oneWay' && begunHosts(run, step).length > 0,
  );
  return wall > backup ? -1 : backup;
}

const hasWorked = (run: Run, { id, hosts }: PlanStep): boolean =>
  hosts.every((host) => hostStep(run, { phase: 'apply', step: id, host }).status === 'succeeded');

/** The first step that an earlier rollback has begun to undo: what comes after it cannot run before it ran again. */
export const firstUndone = (run: Run): PlanStep | undefined =>
  run.plan.steps.find(({ id, hosts }) =>
    hosts.some((host) => {
      const undo = hostStep(run, { phase: 'undo', step: id, host });
      return undo.began || isPassed(undo);
    }),
  );

const begunHosts = (run: Run, step: PlanStep): string[] =>
  step.hosts.filter((host) => hostStep(run, { phase: 'apply', step: step.id, host }).began);

/** A person who only looked at something has nothing to take back, and is not asked to. */
export const canBeUndone = (step: PlanStep): boolean =>
  step.doer === 'host' || step.undoByPerson !== '';
