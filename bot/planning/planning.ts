// Plans are made and drawn in a thread of their own: of a large cloud that takes seconds, in which nobody would be answered.
// Others take `planAside`, or `planInPlace` where nobody else waits.
import { openAskedThread } from '../../jobs/threads/asked-thread.ts';
import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import { type Planning, planningHere } from '../../openstack/upgrade/planning.ts';
import { type DrawnPlan, type PlanToDraw, drawingQuestions } from '../views/plan/drawn-plan.ts';
import type { PlanAndDraw } from './questions.ts';

export interface PlanDesk extends Planning {
  /** Makes ready for the first plan: until then that one takes a second longer. */
  readonly prepare: () => void;
  readonly draw: (plan: PlanToDraw) => Promise<DrawnPlan>;
  /** `why`: what Slack said of the files. */
  readonly drawWords: (plan: PlanToDraw, why: string) => Promise<Omit<DrawnPlan, 'files'>>;
}

/** In a thread that is started with the first plan that is asked for, or before by `prepare`. */
export function planAside(): PlanDesk {
  const script = new URL('./planning-thread', import.meta.url);
  const { ask, prepare } = openAskedThread<PlanAndDraw>(script, 'planning');
  return {
    prepare,
    plan: (wish) => ask('plan', wish),
    review: (plan, runs) => ask('review', plan, runs),
    draw: (plan) => ask('draw', plan),
    drawWords: (plan, why) => ask('drawWords', plan, why),
  };
}

export function planInPlace(knowledge: Knowledge): PlanDesk {
  const { draw, drawWords } = drawingQuestions(knowledge);
  return {
    ...planningHere(knowledge),
    prepare: () => {},
    draw: async (plan) => draw(plan),
    drawWords: async (plan, why) => drawWords(plan, why),
  };
}
