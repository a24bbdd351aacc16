import { createHash } from 'node:crypto';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { type Plan, planHash } from '../../jobs/run/plan.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Intent } from '../commands/index.ts';
import type { Press } from '../actions/press.ts';
import { startedAnswer } from '../views/answers.ts';
import type { Message } from '../views/blocks.ts';
import { compose, refuseUngiven } from '../../jobs/run/compose.ts';
import type { Desk } from './desk.ts';
import { engineersOnly, onCloud } from './rights.ts';
import { refuseOverdue } from './overdue.ts';

/** Starts a run of a runbook on a cloud, for engineers of that cloud. */
export const startRun = (
  { cloud: name, runbook }: Extract<Intent, { do: 'run' }>,
  press: Press,
  desk: Desk,
): Promise<Message> =>
  onCloud(name, { press, desk, refusal: engineersOnly('start runs on it') }, async (cloud) =>
    beginRun(compose(cloud, await desk.loadRunbook(runbook), runbook), cloud, { press, desk }),
  );

interface Starting {
  readonly press: Press;
  readonly desk: Desk;
}

/** Creates the run of a plan on a cloud that this person may start. */
export async function beginRun(
  plan: Plan,
  cloud: Cloud,
  { press, desk }: Starting,
): Promise<Message> {
  refuseUngiven(plan.steps, cloud, [press.user]);
  await desk.checkChannel(plan.channel);
  return startedAnswer(await create(plan, press, desk));
}

/** The id follows from the press, so that a press that is done again finds the run that it started. */
async function create(plan: Plan, press: Press, { store, now }: Desk): Promise<Run> {
  const { user: by, at } = press;
  const ours = async (run: string): Promise<Run | undefined> => {
    const there = await store.load(run);
    return there.requestedBy === by && there.requestedAt === at ? there : undefined;
  };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const run = createHash('sha256').update(`${press.id} ${attempt}`).digest('hex').slice(0, 6);
    try {
      refuseOverdue(press, now());
      return await store.create({
        type: 'RunRequested',
        at,
        run,
        by,
        plan,
        planHash: planHash(plan),
      });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const there = await ours(run).catch(() => undefined);
      if (there !== undefined) return there;
      if (error.name !== 'RunExists') throw error;
    }
  }
  throw new OperatorError('looking for a free run id: none in 20 attempts', { hint: 'Try again.' });
}
