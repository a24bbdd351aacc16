import { comparablePlan, planDifferences } from '../../jobs/reading/compare.ts';
import { readSteps } from '../../jobs/reading/steps.ts';
import { historyOddities, newSourceOddities } from '../../jobs/reading/unusual.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { PlanOddity, PlanReview, RehearsedRun } from '../../jobs/run/review.ts';

/** A run that came to its end with every step done. */
export interface DoneRun {
  readonly run: string;
  readonly at: string;
  readonly plan: Plan;
  /** Whether it was rolled back after that. */
  readonly isRolledBack: boolean;
}

/** Older ones say little about how a cloud is today, and reading each takes a while. */
const mostEarlier = 3;

/** What a plan is compared with. */
export interface ComparedRuns {
  /** Where it was last done on another cloud, for trial. */
  readonly rehearsal?: DoneRun;
  /** What was done on its cloud, newest first. */
  readonly here: readonly DoneRun[];
}

/** Of the logs of recent runs on all clouds. */
export function comparedRuns(plan: Plan, logs: readonly (readonly RunEvent[])[]): ComparedRuns {
  const done = logs.flatMap(doneRunOf).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const rehearsal = done.find(
    (other) => other.plan.environment === 'verification' && other.plan.runbook === plan.runbook,
  );
  return {
    ...(rehearsal !== undefined && rehearsal.plan.cloud !== plan.cloud && { rehearsal }),
    here: done.filter(({ plan: { cloud } }) => cloud === plan.cloud).slice(0, mostEarlier),
  };
}

/**
 * What people should know of a plan beside the plan: how it differs from what was rehearsed on another cloud, and from what
 * was done on this one until now.
 */
export function reviewAgainst(plan: Plan, { rehearsal, here }: ComparedRuns): PlanReview {
  const now = comparablePlan(plan);
  const oddities = [
    ...(rehearsal !== undefined
      ? planDifferences(now, comparablePlan(rehearsal.plan), 'rehearsal')
      : []),
    ...historyOddities(
      now,
      here.map((other) => comparablePlan(other.plan)),
    ),
    ...newSourceOddities(
      readSteps(plan),
      here.flatMap((other) => readSteps(other.plan)),
    ),
  ];
  return {
    oddities: distinct(oddities),
    ...(rehearsal !== undefined ? { rehearsed: rehearsedBy(rehearsal) } : {}),
  };
}

const rehearsedBy = ({ run, at, plan, isRolledBack }: DoneRun): RehearsedRun => ({
  run,
  cloud: plan.cloud,
  at,
  steps: plan.steps.length,
  isRolledBack,
});

function doneRunOf([first, ...rest]: readonly RunEvent[]): DoneRun[] {
  if (first?.type !== 'RunRequested') return [];
  const end = rest.find((event) => event.type === 'RunEnded' && event.outcome === 'succeeded');
  if (end === undefined) return [];
  const isRolledBack = rest.some(
    (event) => event.type === 'RunEnded' && event.outcome === 'rolledBack',
  );
  return [{ run: first.run, at: end.at, plan: first.plan, isRolledBack }];
}

const distinct = (oddities: readonly PlanOddity[]): PlanOddity[] => [
  ...new Map(oddities.map((oddity) => [JSON.stringify(oddity), oddity])).values(),
];
