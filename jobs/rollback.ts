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
  /** The one-way step that nothing can go back beyond, where there is one. */
  readonly barrier?: PlanStep;
}

/**
 * What a rollback would undo: every step that began, back to `to` or as far as a one-way step allows. Pure, so the button,
 * its confirmation and the run that follows say the same.
 */
export function wayBack(run: Run, to?: string): WayBack {
  const begun = run.plan.steps.map((step) => ({ step, hosts: begunHosts(run, step) }));
  const wall = begun.findLastIndex(({ step, hosts }) => step.exit === 'oneWay' && hosts.length > 0);
  const wanted = to === undefined ? 0 : run.plan.steps.findIndex((step) => step.id === to);
  const steps = begun
    .slice(Math.max(wall + 1, wanted))
    .filter(({ step, hosts }) => hosts.length > 0 && canBeUndone(step))
    .toReversed();
  const first = steps.at(-1)?.step.id;
  const barrier = begun[wall]?.step;
  return {
    steps,
    ...(first === undefined ? {} : { to: first }),
    ...(barrier === undefined ? {} : { barrier }),
  };
}

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
