import type { Work } from '../../../jobs/run/events.ts';
import { askedWork, openGate, stuckWork } from '../../../jobs/run/decide.ts';
import { currentStep, uncheckedHosts, unreadyHosts } from '../../../jobs/run/standing.ts';
import type { PlanStep } from '../../../jobs/run/plan.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { isHeldByServing } from '../../../jobs/run/serving/serving.ts';
import { type Run, hostStep, isPassed, stepOf } from '../../../jobs/run/run.ts';

/** What a run is about right now; where several are true, the one that a person has to know first. */
export type Situation =
  | 'ended'
  | 'proposed'
  | 'stuck'
  | 'aborting'
  | 'asked'
  | 'paused'
  | 'rollingBack'
  | 'held'
  | 'checking'
  | 'approval'
  | 'running';

export function situation(run: Run): Situation {
  if (run.ended !== undefined) return 'ended';
  if (run.proposed !== undefined) return 'proposed';
  if (stuckWork(run).length > 0) return 'stuck';
  if (run.aborting !== undefined) return 'aborting';
  if (askedWork(run).length > 0) return 'asked';
  if (run.paused !== undefined) return 'paused';
  if (run.rollback !== undefined) return 'rollingBack';
  if (uncheckedHosts(run).length > 0 || unreadyHosts(run).length > 0) return 'checking';
  if (openGate(run) !== undefined) return 'approval';
  return isHeldByServing(run) ? 'held' : 'running';
}

/** The stuck work that a Retry or a Skip would be about: all hosts of the first step that is stuck. */
export function decidableWork(run: Run): Work[] {
  const works = stuckWork(run);
  return works.filter(({ phase, step }) => phase === works[0]?.phase && step === works[0].step);
}

export interface StepWorks {
  readonly phase: Work['phase'];
  readonly step: PlanStep;
  readonly works: readonly Work[];
  readonly hosts: readonly string[];
}

/** Work by direction and step, in the order in which it comes. */
export function worksByStep(run: Run, works: readonly Work[]): StepWorks[] {
  const groups = new Map<string, Work[]>();
  for (const work of works) {
    const key = `${work.phase} ${work.step}`;
    groups.set(key, [...(groups.get(key) ?? []), work]);
  }
  return [...groups.values()].map((group) => ({
    phase: group[0]?.phase ?? 'apply',
    step: stepOf(run, group[0]?.step ?? ''),
    works: group,
    hosts: group.map(({ host }) => host),
  }));
}

export interface RunProgress {
  /** Steps on hosts, done and in all. */
  readonly done: number;
  readonly total: number;
  /** The step under way, counted from 1, and how many there are. */
  readonly step: number;
  readonly steps: number;
}

/** How far a run has come; how far back, once it rolls back. */
export function runProgress(run: Run): RunProgress {
  return run.rollback === undefined ? forward(run) : back(run, run.rollback.to);
}

export const hostsOfSteps = (steps: readonly { readonly hosts: readonly string[] }[]): string[] => [
  ...new Set(steps.flatMap(({ hosts }) => hosts)),
];

function forward(run: Run): RunProgress {
  const { steps } = run.plan;
  const current = currentStep(run);
  const step = current === undefined ? steps.length : steps.indexOf(current) + 1;
  const done = steps.flatMap((planned, index) =>
    planned.hosts.filter(
      (host) =>
        // What a step tolerated is behind the run, too.
        current === undefined ||
        index < step - 1 ||
        isPassed(hostStep(run, { phase: 'apply', step: planned.id, host })),
    ),
  );
  const total = steps.reduce((sum, { hosts }) => sum + hosts.length, 0);
  return { done: done.length, total, step, steps: steps.length };
}

function back(run: Run, to: string): RunProgress {
  const undone = planRollback(run, to).steps.map(({ step, hosts }) =>
    hosts.map((host) => isPassed(hostStep(run, { phase: 'undo', step: step.id, host }))),
  );
  const finished = undone.filter((hosts) => hosts.every(Boolean)).length;
  return {
    done: undone.flat().filter(Boolean).length,
    total: undone.flat().length,
    step: Math.min(finished + 1, undone.length),
    steps: undone.length,
  };
}
