import type { ModalView } from '@slack/types';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { stepsBehindGate } from '../../jobs/run/gate-steps.ts';
import type { Run } from '../../jobs/run/run.ts';
import { buttonValueOf } from '../actions/buttons.ts';
import { errorAnswer } from '../views/answers.ts';
import type { KnownCloud } from '../views/reading/plan-summary.ts';
import { diffsModal } from '../views/reading/diffs-modal.ts';
import { textModal } from '../views/reading/paged-modal.ts';
import { readingModal } from '../views/reading/reading-modal.ts';
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
    const known = { cloud, knowledge: desk.knowledge };
    const page = Number(asked.choice ?? 1);
    return await windowOnRun(run, desk, {
      gate: asked.step,
      page: Number.isFinite(page) ? page : 1,
      known,
      isOfFiles: asked.seen === 'diffs',
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
  readonly isOfFiles: boolean;
}

async function windowOnRun(
  run: Run,
  { upgrades }: CloudDesk,
  { gate, page, known, isOfFiles }: Asked,
): Promise<ModalView> {
  if (!run.plan.steps.some(({ id }) => id === gate))
    return textModal('The step that this asked for is no longer part of the run.');
  if (!isOfFiles) return readingModal(run, gate, { page, known });
  const steps = stepsBehindGate(run, gate);
  return diffsModal(run, { gate, page }, await upgrades.diffs(run.plan, steps));
}
