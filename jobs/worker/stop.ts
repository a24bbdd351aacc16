import { OperatorError } from '../../handlers/contract/errors.ts';
import { type RunEvent, type Work, executionId } from '../run/events.ts';
import * as remote from '../remote/remote.ts';
import { type Run, hostStep, isCurrent } from '../run/run.ts';
import { type StepWorker, sleep, targetOf } from './step-worker.ts';

/** Ends work that may still run, and says what is left of it: for as long as it takes to reach the host, or until a person decides. */
export async function stopStep(
  worker: StepWorker,
  run: Run,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  const { store, now, patience } = worker;
  const isOpen = (state: Run): boolean =>
    isCurrent(state, work) && ['running', 'unknown'].includes(hostStep(state, work).status);
  const silentAtMs = Date.now() + patience.silentMs;
  while (isOpen(run) && !signal.aborted) {
    try {
      const alive = await endAll(worker, run, work);
      await store.append(run.id, (state) =>
        isOpen(state) ? { type: 'StepStopped', at: now(), work, alive } : undefined,
      );
      return;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const { message } = error;
      await store.append(run.id, (state): RunEvent | undefined => {
        if (!isOpen(state)) return undefined;
        const { lostAt, status } = hostStep(state, work);
        if (lostAt === undefined) return { type: 'LinkLost', at: now(), work, reason: message };
        // A host that never answers again may not keep the run from ending: a person can say so.
        return status === 'running' && Date.now() >= silentAtMs
          ? { type: 'StepUnknown', at: now(), work, evidence: message }
          : undefined;
      });
      await sleep(patience.retryMs);
      run = await store.load(run.id);
    }
  }
}

type Alive = Extract<RunEvent, { type: 'StepStopped' }>['alive'];

/**
 * What earlier attempts at this work still run on the host. A person who asks for another one may not know of them. One that
 * is still on its way to the host may not begin any more.
 */
export async function leftBehind({ ssh }: StepWorker, run: Run, work: Work): Promise<Alive> {
  const alive: Alive = [];
  for (const earlier of attempts(work).slice(1)) {
    const [target, id] = [targetOf(run.plan, work.host), executionId(run.id, earlier)];
    await remote.forbid(ssh, target, id);
    const there = await remote.peek(ssh, target, id);
    if (there.state === 'running')
      alive.push({ pid: there.pid, command: `attempt ${earlier.attempt} at it` });
  }
  return alive;
}

/** Ends whatever of any attempt at this work still runs, and answers what outlived it. */
export async function endAll({ ssh, patience }: StepWorker, run: Run, work: Work): Promise<Alive> {
  const alive: Alive = [];
  for (const attempt of attempts(work)) {
    const target = targetOf(run.plan, work.host);
    const left = await remote.abort(ssh, target, executionId(run.id, attempt), {
      graceMs: patience.graceMs,
      become: run.plan.become,
    });
    if (!left.gone) alive.push(...left.alive);
  }
  return alive;
}

/** This attempt and those before it, newest first. */
const attempts = (work: Work): Work[] =>
  Array.from({ length: work.attempt }, (_, back) => ({ ...work, attempt: work.attempt - back }));
