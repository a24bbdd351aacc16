import { OperatorError } from '../../handlers/contract/errors.ts';
import { type RunEvent, type Work, executionId } from '../run/events.ts';
import * as remote from '../remote/remote.ts';
import { type Run, hostStep, isCurrent, mayStillRun } from '../run/run.ts';
import { type StepWorker, sleep, planTarget } from './step-worker.ts';

/** Ends work that may still run, and says what is left of it: for as long as it takes to reach the host, or until a person decides. */
export async function stopStep(
  worker: StepWorker,
  run: Run,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  const { store, now, patience } = worker;
  // Not for a log that has forgotten who wanted it to end.
  const isWaiting = (state: Run): boolean =>
    (state.aborting !== undefined || state.rollback !== undefined) &&
    isCurrent(state, work) &&
    mayStillRun(hostStep(state, work));
  const silentAtMs = performance.now() + patience.silentMs;
  while (isWaiting(run) && !signal.aborted) {
    try {
      const left = await endAllAttempts(worker, run, work);
      await store.append(run.id, (state) =>
        isWaiting(state) ? { type: 'StepStopped', at: now(), work, ...left } : undefined,
      );
      return;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const { message } = error;
      await store.append(run.id, (state): RunEvent | undefined => {
        if (!isWaiting(state)) return undefined;
        const { lostAt, status } = hostStep(state, work);
        if (lostAt === undefined) return { type: 'LinkLost', at: now(), work, reason: message };
        // A host that never answers again may not keep the run from ending: a person can say so.
        return status === 'running' && performance.now() >= silentAtMs
          ? { type: 'StepUnknown', at: now(), work, evidence: message }
          : undefined;
      });
      await sleep(patience.retryMs);
      run = await store.load(run.id);
    }
  }
}

type Left = Pick<Extract<RunEvent, { type: 'StepStopped' }>, 'alive' | 'unseen'>;
type Alive = Left['alive'];

/** For people; the first of many tell enough. */
const mostNamed = 10;

/**
 * What earlier attempts at this work left alive on the host, however they ended and whatever the host remembers of them. A
 * person who asks for another one may not know of it. One that is still on its way to the host may not begin any more.
 */
export async function aliveLeftBehind({ ssh }: StepWorker, run: Run, work: Work): Promise<Alive> {
  const alive: Alive = [];
  for (const earlier of attempts(work).slice(1)) {
    const [target, id] = [planTarget(run.plan, work.host), executionId(run.id, earlier)];
    const left = await remote.aliveOfExecution(ssh, target, id, { become: run.plan.become });
    const named = left.map(({ pid, command }) => ({
      pid,
      command: `${command}, of attempt ${earlier.attempt}`,
    }));
    alive.push(...named);
  }
  return alive.slice(0, mostNamed);
}

/** Ends whatever of any attempt at this work still runs, and answers what outlived it, and what nobody could see. */
export async function endAllAttempts(worker: StepWorker, run: Run, work: Work): Promise<Left> {
  const alive: Alive = [];
  let unseen: string | undefined;
  for (const attempt of attempts(work)) {
    const left = await endAttempt(worker, run, attempt);
    if (left.is === 'alive') alive.push(...left.alive);
    unseen ??= unseenEnd(left, run, attempt);
  }
  return alive.length > 0 || unseen === undefined
    ? { alive: alive.slice(0, mostNamed) }
    : { alive, unseen };
}

/** Ends one attempt. */
export const endAttempt = (
  { ssh, patience }: StepWorker,
  run: Run,
  attempt: Work,
): Promise<remote.AbortResult> =>
  remote.abortExecution(ssh, planTarget(run.plan, attempt.host), executionId(run.id, attempt), {
    graceMs: patience.graceMs,
    become: run.plan.become,
  });

/** Why the end of an attempt was not seen, in sentences; undefined where it was, or where the log saw it before. */
export function unseenEnd(left: remote.AbortResult, run: Run, work: Work): string | undefined {
  const state = hostStep(run, work);
  const mayRun = isCurrent(run, work) && mayStillRun(state) && state.startedAt !== undefined;
  switch (left.is) {
    case 'gone':
    case 'alive':
      return undefined;
    case 'unseen':
      return mayRun
        ? `it was asked to end, and ${work.host} hides the processes of other users (hidepid): nobody saw whether all that it started has ended`
        : undefined;
    case 'forgotten':
      return mayRun
        ? `it was to be ended, and ${work.host} knows nothing of it and shows nothing of it: it never came there, or its record in .hopscotch is gone; whether something of it still runs is not known. Since ${left.since} it may not begin there any more`
        : undefined;
  }
}

/** This attempt and those before it, newest first. */
const attempts = (work: Work): Work[] =>
  Array.from({ length: work.attempt }, (_, back) => ({ ...work, attempt: work.attempt - back }));
