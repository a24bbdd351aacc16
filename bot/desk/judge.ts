import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { again } from '../../jobs/redis/again.ts';
import { isFromRedis } from '../../jobs/redis/reach/refusals.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { approvalsAskedNow, judgementEvent, standingRequest } from '../../jobs/run/quorum.ts';
import type { CloudDesk } from './desk.ts';

interface Judging extends Pick<CloudDesk, 'access' | 'loadCloud' | 'now'> {
  readonly store: Pick<RunStore, 'load' | 'append'>;
}

/**
 * Judges once more who approved the request that a run stands at, by the cloud's file and by Slack as they are now. Answers
 * what came of it: approvals that are void, or confirmed ones. Throws an OperatorError where the file cannot be read.
 */
export async function judgeApprovals(
  id: string,
  { store, access, loadCloud, now }: Judging,
): Promise<RunEvent | undefined> {
  const run = await store.load(id);
  const request = standingRequest(run);
  if (request === undefined) return undefined;
  const cloud = await loadCloud(run.plan.cloud);
  const people = await Promise.all(
    request.given.map((person) => access.rightsOf(person, cloud.access)),
  );
  const without = people.filter(({ isApprover }) => !isApprover);
  const judged = {
    gate: request.step.id,
    given: request.given,
    lost: without.filter(({ isUnsure }) => isUnsure !== true).map((person) => person.id),
    isUnsure: without.some(({ isUnsure }) => isUnsure === true),
    needed: approvalsAskedNow(run, request.step, cloud.access),
  };
  const { event } = await store.append(id, (state) => judgementEvent(state, judged, now()));
  return event;
}

interface Watching extends Omit<Judging, 'store'> {
  readonly store: Pick<RunStore, 'load' | 'append' | 'active'>;
  readonly log: Logger;
  readonly everyMs?: number;
}

/**
 * Judges what was approved on every run that stands before a gate, again and again: a change of rights or of the number
 * needed shows in seconds. Answers what ends it.
 */
export function watchApprovals({ log, everyMs = 3000, ...judging }: Watching): () => void {
  const complained = new Map<string, string>();
  const judge = async (run: string): Promise<void> => {
    try {
      const event = await judgeApprovals(run, judging);
      complained.delete(run);
      if (event !== undefined) log.info({ runId: run, event }, 'approvals were judged again');
    } catch (error) {
      if (isFromRedis(error)) throw error;
      const why = error instanceof OperatorError ? error.message : String(error);
      if (complained.get(run) !== why)
        log.error({ runId: run, err: error }, 'nothing begins: approvals cannot be judged');
      complained.set(run, why);
    }
  };
  return again(
    async () => Promise.all((await judging.store.active()).map(judge)),
    everyMs,
    (error) => log.warn({ err: error }, 'judging approvals'),
  );
}
