import type { ModalView } from '@slack/types';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { stepsBehindGate } from '../../jobs/run/gate-steps.ts';
import type { Run } from '../../jobs/run/run.ts';
import { buttonValueOf } from '../actions/buttons.ts';
import { errorAnswer } from '../views/answers.ts';
import type { KnownCloud } from '../views/reading/plan-summary.ts';
import { diffsModal } from '../views/reading/diffs-modal.ts';
import { lookActions, textModal } from '../views/reading/paged-modal.ts';
import { plannableFixes } from '../../openstack/repair/fixes.ts';
import { moreModal } from '../views/card/more-modal.ts';
import { readingModal } from '../views/reading/reading-modal.ts';
import type { CloudDesk } from './desk.ts';
import { type ShownWindow, outputWindow } from './output-window.ts';
import { refuseOutsiders } from './rights.ts';

/** A press on a button that only shows something. */
export interface Look {
  readonly user: string;
  readonly value: string | undefined;
  /** The action's id, such as `look.read`. */
  readonly action: string;
  /** What was typed into a field of the window. */
  readonly typed?: string | undefined;
}

/** What a window shows to whom: engineers and approvers of the cloud read, others hear why not. */
export async function lookWindow(look: Look, desk: CloudDesk): Promise<ShownWindow> {
  const { user, value, action, typed } = look;
  const asked = buttonValueOf(value);
  if (asked?.step === undefined)
    return { view: textModal('This button is from another version of Hopscotch.') };
  try {
    const run = await desk.store.load(asked.run);
    const cloud = await desk.loadCloud(run.plan.cloud);
    const refusal = refuseOutsiders(cloud, await desk.access.rightsOf(user, cloud.access));
    if (refusal !== undefined) return { view: textModal(refusal.text) };
    if (asked.seen === 'more') {
      const recognise = plannableFixes(desk.recognise, { cloud, knowledge: desk.knowledge }, run);
      return { view: moreModal(run, recognise) };
    }
    if (asked.seen === 'output')
      return await outputWindow(
        run,
        { user, asked, typed, isForFile: action === lookActions.file },
        desk,
      );
    const known = { cloud, knowledge: desk.knowledge };
    const page = Number(asked.choice ?? 1);
    const view = await windowOnRun(run, desk, {
      gate: asked.step,
      page: Number.isFinite(page) ? page : 1,
      known,
      isOfFiles: asked.seen === 'diffs',
    });
    return { view };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { view: textModal(errorAnswer(error, desk.dates).text) };
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
