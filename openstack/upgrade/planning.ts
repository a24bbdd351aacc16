import { composePlan } from '../../jobs/run/compose.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { PlanReview } from '../../jobs/run/review.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { type PlannedRunbook, type UpgradeRequest, planUpgrade } from '../plan/planner.ts';
import { releaseNamed } from '../path/path.ts';
import { type ComparedRuns, reviewAgainst } from './review.ts';

/** What an upgrade is planned on, as data. */
export type UpgradeWish = Omit<UpgradeRequest, 'knowledge' | 'deployments'>;

export interface MadePlan {
  readonly plan: Plan;
  readonly runbook: Pick<PlannedRunbook, 'overview'>;
}

/** What takes up to seconds for a large cloud; data in, data out, so that a front end may have it done in a thread. */
export interface Planning {
  /** Throws as `planUpgrade` and `composePlan`. */
  readonly plan: (wish: UpgradeWish) => Promise<MadePlan>;
  readonly review: (plan: Plan, runs: ComparedRuns) => Promise<PlanReview>;
}

/** The same as plain functions. */
export const planningQuestions = (knowledge: Knowledge, plan = planUpgrade) => ({
  plan: (wish: UpgradeWish): MadePlan => {
    const { overview, ...runbook } = plan({ ...wish, knowledge });
    const release = releaseNamed(wish.target, knowledge.series);
    const composed = composePlan(wish.cloud, runbook, `openstack:${release}`);
    return { plan: { ...composed, origin: { of: 'upgrade', release } }, runbook: { overview } };
  },
  review: reviewAgainst,
});

/** Planning where it is asked for. */
export function planningHere(knowledge: Knowledge, plan?: typeof planUpgrade): Planning {
  const questions = planningQuestions(knowledge, plan);
  return {
    plan: async (wish) => questions.plan(wish),
    review: async (made, runs) => questions.review(made, runs),
  };
}
