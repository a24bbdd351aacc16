import { createHash } from 'node:crypto';
import { OperatorError, isErrorNamed } from '../../handlers/contract/errors.ts';
import { refuseUngiven } from '../../jobs/run/compose.ts';
import { refuseOverduePress } from '../../jobs/run/overdue.ts';
import { type Plan, planHash } from '../../jobs/run/plan.ts';
import type { PlanReview } from '../../jobs/run/review.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { CloudRequest, UpgradeTools } from './requests.ts';

/** Creates the run of a plan. Throws `TooFewApprovers` where nobody could ever approve it, `Overdue` when it was asked too long ago. */
export async function createRun(
  { plan, review }: { readonly plan: Plan; readonly review?: PlanReview },
  request: CloudRequest,
  { store, now }: Pick<UpgradeTools, 'store' | 'now'>,
): Promise<Run> {
  const { id, by, at, cloud } = request;
  refuseUngiven(plan.steps, cloud, [by]);
  const ours = async (run: string): Promise<Run | undefined> => {
    const there = await store.load(run);
    return there.requestedBy === by && there.requestedAt === at ? there : undefined;
  };
  for (let attempt = 0; attempt < 20; attempt += 1) {
    // The id follows from the request, so that one which is done again finds the run that it started.
    const run = createHash('sha256').update(`${id} ${attempt}`).digest('hex').slice(0, 6);
    try {
      refuseOverduePress(request, now());
      const type = 'RunRequested';
      const { engineers, approvers, localUsers } = cloud.access;
      return await store.create({
        type,
        at,
        run,
        by,
        plan,
        planHash: planHash(plan),
        access: { engineers, approvers, ...(localUsers && { localUsers }) },
        ...(review === undefined ? {} : { review }),
      });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const there = await ours(run).catch(() => undefined);
      if (there !== undefined) return there;
      if (!isErrorNamed(error, 'RunExists')) throw error;
    }
  }
  throw new OperatorError('looking for a free run id: none in 20 attempts', { hint: 'Try again.' });
}
