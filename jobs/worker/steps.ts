import type { Command } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunEvent, Work } from '../run/events.ts';
import { openGate } from '../run/decide.ts';
import type { AppendedEvent } from '../redis/run-writer.ts';
import { beginningEvent, standingRequest } from '../run/quorum.ts';
import type { StepJob } from '../redis/queue.ts';
import { isFromRedis } from '../redis/reach/refusals.ts';
import * as remote from '../remote/remote.ts';
import { type Run, hostStep, isCurrent } from '../run/run.ts';
import { asUser, handlerOf } from '../run/plan.ts';
import { followStep } from './follow.ts';
import { aliveLeftBehind, stopStep } from './stop.ts';
import { recallFromHost } from './recall.ts';
import { type StepWorker, planTarget, explainedError, persist, sleep } from './step-worker.ts';
import { nextExecution } from './unbegun.ts';
import { readBeginning } from './beginning.ts';

/** Does one step job. `signal` ends the following, never the step itself. */
export async function doStepJob(
  worker: StepWorker,
  job: StepJob,
  signal: AbortSignal,
): Promise<void> {
  const run = writtenWaiting(worker, job) ?? (await worker.store.load(job.run));
  switch (job.do) {
    case 'check':
      return check(worker, run, job.host);
    case 'recall':
      return recallFromHost(worker, run, job.host);
    case 'start':
      return start(worker, run, job.work, signal);
    case 'stop':
      return stopStep(worker, run, job.work, signal);
  }
}

/**
 * The run as this process has just decided about it, where it waits for just this work. It may have moved on since: that is
 * found by whoever writes down how the work begins, and until then hosts are only asked.
 */
function writtenWaiting({ store }: StepWorker, job: StepJob): Run | undefined {
  if (job.do !== 'start' || job.work.phase !== 'apply') return undefined;
  const run = store.written(job.run);
  const isWaiting =
    run !== undefined && isCurrent(run, job.work) && hostStep(run, job.work).status === 'pending';
  return isWaiting ? run : undefined;
}

async function check(worker: StepWorker, run: Run, host: string): Promise<void> {
  const { store, ssh, unbegun, now } = worker;
  const target = planTarget(run.plan, host);
  const first = nextExecution(run, host);
  const append = (event: RunEvent) =>
    store.append(run.id, (state) =>
      !state.checks.has(host) && state.ended === undefined ? event : undefined,
    );
  try {
    const facts = await persist(worker, () =>
      remote.checkReady(ssh, target, {
        become: run.plan.become,
        runs: commandsOn(run, host),
        ...(first === undefined ? {} : { first }),
      }),
    );
    if (facts.unbegun !== undefined) unbegun.note(facts.unbegun);
    const hostKey = await persist(worker, () => ssh.hostKey(target));
    await store.holdMachine(run, { host, hostKey });
    const { freeBytes } = facts;
    await append({ type: 'HostReady', at: now(), host, freeBytes, hostKey });
  } catch (error) {
    // It says nothing about the host: the job ends, and the run is looked at again.
    if (isFromRedis(error)) throw error;
    const { message, hint } = explainedError(error);
    await append({ type: 'HostRefused', at: now(), host, reason: message, hint });
  }
}

/** What the plan runs on a host by itself: what its steps look at, and what they do. */
function commandsOn({ plan }: Run, host: string): Command[] {
  const ssh = { user: planTarget(plan, host).user, become: plan.become };
  const own = plan.steps.filter(({ doer, hosts }) => doer === 'host' && hosts.includes(host));
  return own.flatMap((step) => [
    ...handlerOf(step).probe.map((command) => asUser(command, ssh)),
    ...step.apply,
  ]);
}

async function start(worker: StepWorker, run: Run, work: Work, signal: AbortSignal): Promise<void> {
  if (!isCurrent(run, work)) return;
  const state = hostStep(run, work);
  if (state.status === 'running' || (state.status === 'unknown' && state.lostAt !== undefined)) {
    const reason = 'the worker that followed it had ended or fallen silent';
    return followStep({ worker, run, work, signal, attachesBecause: reason });
  }
  if (state.status !== 'pending') return;
  const begun = await prepare(worker, run, work);
  if (begun !== undefined) return followStep({ worker, work, signal, ...begun });
}

interface Begun {
  readonly run: Run;
  /** Set when it had begun before, unknown to the log. */
  readonly attachesBecause?: string;
}

/**
 * Finds out what there is to do and records it before anything begins. Answers the run when the step has begun, or
 * undefined when there was nothing to do, it could not begin, or it may not begin any more.
 */
async function prepare(worker: StepWorker, run: Run, work: Work): Promise<Begun | undefined> {
  const { now } = worker;
  const record = (event: RunEvent, isSure?: () => boolean) =>
    recordBeginning(worker, run.id, { work, event, isSure });
  try {
    const alive = await persist(worker, () => aliveLeftBehind(worker, run, work));
    if (alive.length > 0) {
      await record({ type: 'StepStopped', at: now(), work, alive });
      return undefined;
    }
    const { found, isSure } = await persist(worker, () => readBeginning(worker, run, work));
    const { event, run: begun } = await record(
      found === 'nothing to do'
        ? { type: 'StepUnchanged', at: now(), work }
        : { type: 'StepStarted', at: now(), work, ...found.beginning },
      isSure,
    );
    if (event === undefined) return isSure() ? undefined : prepare(worker, begun, work);
    if (found === 'nothing to do') return undefined;
    return found.isThere
      ? { run: begun, attachesBecause: 'the event log had forgotten its last second' }
      : { run: begun };
  } catch (error) {
    if (isFromRedis(error)) throw error;
    if (!(error instanceof OperatorError))
      worker.log.error({ err: error, runId: run.id, work }, 'bug before a step');
    const { message, hint } = explainedError(error);
    await record({ type: 'StepFailed', at: now(), work, reason: message, hint, tail: '' });
    return undefined;
  }
}

interface RecordedBeginning {
  readonly work: Work;
  readonly event: RunEvent;
  /** Absent: nothing of it can have changed. */
  readonly isSure: (() => boolean) | undefined;
}

/**
 * Records how work begins. Where its quorum was counted too long ago the log says so first, and a bot judges those who
 * approved; without an answer within a minute nothing begins, and another job of the same work asks again.
 */
async function recordBeginning(
  { store, now }: StepWorker,
  run: string,
  { work, event, isSure = () => true }: RecordedBeginning,
): Promise<AppendedEvent> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const appended = await store.append(run, (state) =>
      isSure() ? beginningEvent(state, { work, event }, now()) : undefined,
    );
    const { run: state, event: written } = appended;
    if (written !== undefined && written.type !== 'ApprovalsDoubted') return appended;
    if (!isSure()) return { run: state };
    const isDoubted =
      standingRequest(state)?.step.id === work.step && openGate(state) !== undefined;
    if (!isDoubted || performance.now() > deadline) return { run: state };
    await sleep(200);
  }
}
