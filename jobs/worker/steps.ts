import type { Logger } from 'pino';
import { z } from 'zod';
import { Command, type Output } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { type RunEvent, type Work, executionId } from '../run/events.ts';
import type { Outputs } from '../redis/output.ts';
import { mayBegin } from '../run/decide.ts';
import { type Plan, asUser, handlerOf } from '../run/plan.ts';
import type { StepJob } from '../redis/queue.ts';
import * as remote from '../remote/remote.ts';
import { type HostStep, type Run, hostStep, isCurrent, stepOf } from '../run/run.ts';
import type { Ssh, Target } from '../ssh/ssh.ts';
import type { Store } from '../redis/store.ts';
import { followStep } from './follow.ts';
import { endAll, leftBehind, stopStep } from './stop.ts';

/** What a step worker needs. `patience` is how long it bears a silent host before it says so. */
export interface StepWorker {
  readonly store: Store;
  readonly ssh: Ssh;
  readonly outputs: Outputs;
  readonly log: Logger;
  readonly now: () => string;
  readonly patience: {
    /** How long a host may not answer before its step counts as unknown. */
    readonly silentMs: number;
    /** How long a host may not answer before something is started on it. */
    readonly connectMs: number;
    /** Between two attempts to reach a host. */
    readonly retryMs: number;
    /** How long a process group may take to end after SIGTERM. */
    readonly graceMs: number;
  };
}

export const usualPatience: StepWorker['patience'] = {
  silentMs: 120_000,
  connectMs: 30_000,
  retryMs: 2_000,
  graceMs: 10_000,
};

/** Does one step job. `signal` ends the following, never the step itself. */
export async function doStepJob(
  worker: StepWorker,
  job: StepJob,
  signal: AbortSignal,
): Promise<void> {
  const run = await worker.store.load(job.run);
  switch (job.do) {
    case 'check':
      return check(worker, run, job.host);
    case 'start':
      return start(worker, run, job.work, signal);
    case 'stop':
      return stopStep(worker, run, job.work, signal);
  }
}

async function check(worker: StepWorker, run: Run, host: string): Promise<void> {
  const { store, ssh, now } = worker;
  const target = targetOf(run.plan, host);
  const append = (event: RunEvent) =>
    store.append(run.id, (state) =>
      state.checks[host] === undefined && state.ended === undefined ? event : undefined,
    );
  try {
    const facts = await persist(worker, () =>
      remote.ready(ssh, target, { become: run.plan.become }),
    );
    await remote.prune(ssh, target);
    await append({ type: 'HostReady', at: now(), host, freeBytes: facts.freeBytes });
  } catch (error) {
    const { message, hint } = explained(error);
    await append({ type: 'HostRefused', at: now(), host, reason: message, hint });
  }
}

async function start(worker: StepWorker, run: Run, work: Work, signal: AbortSignal): Promise<void> {
  if (!isCurrent(run, work)) return;
  const state = hostStep(run, work);
  if (state.status === 'running' || (state.status === 'unknown' && state.lostAt !== undefined)) {
    const reason = 'the worker that followed it had ended';
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
  const { store, now } = worker;
  const record = (event: RunEvent) =>
    store.append(run.id, (state) => (mayBegin(state, work) ? event : undefined));
  try {
    const alive = await persist(worker, () => leftBehind(worker, run, work));
    if (alive.length > 0) {
      await record({ type: 'StepStopped', at: now(), work, alive });
      return undefined;
    }
    const found = await persist(worker, () => look(worker, run, work));
    if (found === 'nothing to do') {
      await record({ type: 'StepUnchanged', at: now(), work });
      return undefined;
    }
    const { event, run: begun } = await record({
      type: 'StepStarted',
      at: now(),
      work,
      ...found.beginning,
    });
    if (event === undefined) return undefined;
    return found.isThere
      ? { run: begun, attachesBecause: 'the event log had forgotten its last second' }
      : { run: begun };
  } catch (error) {
    if (!(error instanceof OperatorError))
      worker.log.error({ err: error, runId: run.id, work }, 'bug before a step');
    const { message, hint } = explained(error);
    await record({ type: 'StepFailed', at: now(), work, reason: message, hint, tail: '' });
    return undefined;
  }
}

const Beginning = z.object({
  before: z.unknown(),
  changes: z.string(),
  commands: z.array(Command),
});
type Beginning = z.infer<typeof Beginning>;

interface Look {
  readonly beginning: Beginning;
  readonly isThere: boolean;
}

async function look(worker: StepWorker, run: Run, work: Work): Promise<Look | 'nothing to do'> {
  const target = targetOf(run.plan, work.host);
  // A log that forgot its last second may not know that this began: the host does, and what was found before.
  const there = await remote.peek(worker.ssh, target, executionId(run.id, work));
  if (there.state !== 'none' && there.note !== undefined) {
    return { beginning: Beginning.parse(JSON.parse(there.note)), isThere: true };
  }
  const found =
    work.phase === 'apply'
      ? await lookForward(worker, run, work)
      : await lookBack(worker, run, work);
  return found === 'nothing to do' ? found : { beginning: found, isThere: false };
}

/** What travels to the host with the step, so that the host can tell it to a log that forgot. */
export const noteOf = ({ before, changes = '', commands = [] }: HostStep): string =>
  JSON.stringify({ before, changes, commands } satisfies Beginning);

async function lookForward(
  worker: StepWorker,
  run: Run,
  work: Work,
): Promise<Beginning | 'nothing to do'> {
  const step = stepOf(run, work.step);
  const handler = handlerOf(step);
  const before = await probe(worker, run, work);
  if (handler.isDone(before) === true) return 'nothing to do';
  return { before, changes: handler.changes(before), commands: step.apply };
}

async function lookBack(
  worker: StepWorker,
  run: Run,
  work: Work,
): Promise<Beginning | 'nothing to do'> {
  const handler = handlerOf(stepOf(run, work.step));
  const target = targetOf(run.plan, work.host);
  const forward = hostStep(run, { ...work, phase: 'apply' });
  const alive = await endAll(worker, run, {
    ...work,
    phase: 'apply',
    attempt: forward.attempt,
  });
  if (alive.length > 0) throw stillRuns(work, alive);
  const now = await probe(worker, run, work);
  const ssh = { user: target.user, become: run.plan.become };
  const commands = handler.undo(forward.before, now).map((command) => asUser(command, ssh));
  if (commands.length > 0) return { before: now, changes: '', commands };
  if (handler.isRestored(forward.before, now)) return 'nothing to do';
  throw new OperatorError(
    `undoing ${work.step} on ${work.host}: it is not as it was before, and nothing is known to put it back`,
    {
      hint: 'Put it back by hand, then retry; or skip with a reason.',
      name: 'NotRestored',
    },
  );
}

/** Runs the step's probe and reads its answer. */
export async function probe(worker: StepWorker, run: Run, work: Work): Promise<unknown> {
  const handler = handlerOf(stepOf(run, work.step));
  const target = targetOf(run.plan, work.host);
  const ssh = { user: target.user, become: run.plan.become };
  const outputs: readonly Output[] =
    handler.probe.length === 0
      ? []
      : await remote.probe(
          worker.ssh,
          target,
          handler.probe.map((command) => asUser(command, ssh)),
          { timeoutMs: handler.probeTimeoutMs },
        );
  return handler.parse(outputs);
}

/** Tries again while nothing began on the host and it may still answer: sshd restarts, hosts boot. */
async function persist<T>({ patience }: StepWorker, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patience.connectMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof OperatorError && error.disposition !== 'stop';
      if (!passing || Date.now() + patience.retryMs > deadline) throw error;
      await sleep(patience.retryMs);
    }
  }
}

/** The host of a plan. Throws for a host that the plan does not have: that is a bug, not an input. */
export function targetOf(plan: Plan, host: string): Target {
  const target = plan.targets[host];
  if (target === undefined) throw new Error(`the plan has no host ${host}`);
  return target;
}

/** An error as people may read it. Anything but an OperatorError is a bug and reads as one. */
export function explained(error: unknown): { message: string; hint: string } {
  if (error instanceof OperatorError) return { message: error.message, hint: error.hint };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    message: `a defect in Hopscotch: ${message}`,
    hint: 'The log has the details; please report it with them.',
  };
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

const stillRuns = (work: Work, alive: readonly { pid: number; command: string }[]): OperatorError =>
  new OperatorError(
    `undoing ${work.step} on ${work.host}: what it started still runs: ${alive.map(({ pid, command }) => `pid ${pid} (${command})`).join(', ')}`,
    { hint: 'End these processes, then retry.', name: 'StillRunning' },
  );
