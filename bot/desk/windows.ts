import type { ModalView } from '@slack/types';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Run } from '../../jobs/run/run.ts';
import { buttonValueOf } from '../actions/buttons.ts';
import { errorAnswer } from '../views/answers.ts';
import type { KnownCloud } from '../views/reading/plan-summary.ts';
import { readingModal, textModal } from '../views/reading/reading-modal.ts';
import type { CloudDesk } from './desk.ts';
import { refuseOutsiders } from './rights.ts';

/** A press on a button that only shows something. */
export interface Look {
  readonly user: string;
  readonly value: string | undefined;
}

/** What a window shows to whom: engineers and approvers of the cloud read, others hear why not. */
export async function lookWindow({ user, value }: Look, desk: CloudDesk): Promise<ModalView> {
  const asked = buttonValueOf(value);
  if (asked?.step === undefined)
    return textModal('This button is from another version of Hopscotch.');
  try {
    const run = await desk.store.load(asked.run);
    const cloud = await desk.loadCloud(run.plan.cloud);
    const refusal = refuseOutsiders(cloud, await desk.access.rightsOf(user, cloud.access));
    if (refusal !== undefined) return textModal(refusal.text);
    return windowOnRun(run, {
      gate: asked.step,
      page: Number(asked.choice ?? 1),
      known: { cloud, knowledge: desk.knowledge },
    });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return textModal(errorAnswer(error, desk.dates).text);
  }
}

interface Asked {
  readonly gate: string;
  readonly page: number;
  readonly known: KnownCloud;
}

const windowOnRun = (run: Run, { gate, page, known }: Asked): ModalView =>
  run.plan.steps.some(({ id }) => id === gate)
    ? readingModal(run, gate, { page: Number.isFinite(page) ? page : 1, known })
    : textModal('The step that this asked for is no longer part of the run.');
