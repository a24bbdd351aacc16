import { comparablePlan, planDifferences } from '../../jobs/reading/compare.ts';
import { readSteps } from '../../jobs/reading/steps.ts';
import { historyOddities, newSourceOddities } from '../../jobs/reading/unusual.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { PlanOddity, PlanReview, RehearsedRun } from '../../jobs/run/review.ts';

/** A run that came to its end with every step done. */
interface DoneRun {
  readonly run: string;
  readonly at: string;
  readonly plan: Plan;
  /** Whether it was rolled back after that. */
  readonly isRolledBack: boolean;
}

/** Older ones say little about how a cloud is today, and reading each takes a while. */
const mostEarlier = 3;

/**
 * What people should know of a plan beside the plan: how it differs from what was rehearsed on another cloud, and from what
 * was done on this one until now. `logs` are those of recent runs on all clouds.
 */
export function reviewPlan(plan: Plan, logs: readonly (readonly RunEvent[])[]): PlanReview {
  const done = logs.flatMap(doneRunOf).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const now = comparablePlan(plan);
  const rehearsal = done.find(
    (other) => other.plan.environment === 'verification' && other.plan.runbook === plan.runbook,
  );
  const isElsewhere = rehearsal !== undefined && rehearsal.plan.cloud !== plan.cloud;
  const here = done.filter(({ plan: { cloud } }) => cloud === plan.cloud).slice(0, mostEarlier);
  const oddities = [
    ...(isElsewhere ? planDifferences(now, comparablePlan(rehearsal.plan), 'rehearsal') : []),
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
    ...(isElsewhere ? { rehearsed: rehearsedBy(rehearsal) } : {}),
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
