import type { Cloud } from '../../../jobs/files/cloud.ts';
import type { Inspection } from '../../../openstack/inspect/inspection.ts';
import type { Knowledge } from '../../../openstack/knowledge/knowledge.ts';
import type { MadePlan } from '../../../openstack/upgrade/planning.ts';
import type { Message, TextFile } from '../blocks.ts';
import { planFiles } from './plan-files.ts';
import { planReading } from './plan-reading.ts';
import { plannedAnswer, upgradeDetails, upgradeHead, wordsHead } from './upgrade-plan.ts';

/** A plan, and who asked for it how. */
export interface PlanToDraw extends MadePlan {
  readonly found: Pick<Inspection, 'silent'>;
  readonly cloud: Cloud;
  readonly by: string;
  /** What starts it: `start CLOUD RELEASE`. */
  readonly starts: string;
}

export interface DrawnPlan {
  readonly head: Message;
  readonly replies: readonly Message[];
  readonly files: readonly TextFile[];
  /** What whoever asked is told in private. */
  readonly answer: Message;
}

/** What a plan looks like in Slack; of a large one that takes half a second. */
export const drawingQuestions = (knowledge: Knowledge) => ({
  draw: ({ cloud, by, starts, ...planned }: PlanToDraw): DrawnPlan => {
    const known = { cloud, knowledge };
    return {
      head: upgradeHead({ ...planned, known }, by),
      replies: planReading(planned.plan, known),
      files: planFiles(planned.plan),
      answer: plannedAnswer({ ...planned, known }, { starts }),
    };
  },
  /** Its words in messages, where Slack took no files. */
  drawWords: (
    { cloud, starts, ...planned }: PlanToDraw,
    filesRefused: string,
  ): Omit<DrawnPlan, 'files'> => ({
    head: wordsHead(planned.plan, filesRefused),
    replies: upgradeDetails(planned.plan),
    answer: plannedAnswer({ ...planned, known: { cloud, knowledge } }, { starts, filesRefused }),
  }),
});
