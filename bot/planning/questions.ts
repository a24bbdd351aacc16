import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import { planningQuestions } from '../../openstack/upgrade/planning.ts';
import { drawingQuestions } from '../views/plan/drawn-plan.ts';

/** All that the thread is asked. */
export const planAndDraw = (knowledge: Knowledge) => ({
  ...planningQuestions(knowledge),
  ...drawingQuestions(knowledge),
});
export type PlanAndDraw = ReturnType<typeof planAndDraw>;
