import { z } from 'zod';
import { Command, type CommandOutput } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { type Work, executionId } from '../run/events.ts';
import { asUser, handlerOf } from '../run/plan.ts';
import * as remote from '../remote/remote.ts';
import { type HostStep, type Run, hostStep, stepOf } from '../run/run.ts';
import { endAllAttempts } from './stop.ts';
import { type StepWorker, planTarget } from './step-worker.ts';

/** What is found out before something begins. */
export const Beginning = z.object({
  before: z.unknown(),
  changes: z.string(),
  commands: z.array(Command),
});
export type Beginning = z.infer<typeof Beginning>;

interface FoundBeginning {
  readonly found: { readonly beginning: Beginning; readonly isThere: boolean } | 'nothing to do';
  /** Asked where it is written down: what the host showed earlier may not hold any more. */
  readonly isSure: () => boolean;
}

export async function readBeginning(
  worker: StepWorker,
  run: Run,
  work: Work,
): Promise<FoundBeginning> {
  const isUnbegun = worker.unbegun.take(executionId(run.id, work));
  const there = isUnbegun === undefined ? await lookOnHost(worker, run, work) : undefined;
  const isSure = isUnbegun ?? (() => true);
  if (there !== undefined) return { found: { beginning: there, isThere: true }, isSure };
  const found =
    work.phase === 'apply'
      ? await beginningForward(worker, run, work)
      : await beginningBack(worker, run, work);
  return {
    found: found === 'nothing to do' ? found : { beginning: found, isThere: false },
    isSure,
  };
}

/** A log that forgot its last second may not know that this began: the host does, and what was found before. */
async function lookOnHost(
  { ssh }: StepWorker,
  run: Run,
  work: Work,
): Promise<Beginning | undefined> {
  const target = planTarget(run.plan, work.host);
  const there = await remote.readExecutionState(ssh, target, executionId(run.id, work));
  if (there.state === 'aborted') throw keptFromBeginning(work, there.abortedAt);
  return there.state === 'none' || there.note === undefined
    ? undefined
    : Beginning.parse(JSON.parse(there.note));
}

const keptFromBeginning = (work: Work, since: string): OperatorError =>
  new OperatorError(
    `starting ${work.step} on ${work.host}: since ${since} this attempt may not begin there`,
    { name: 'ExecutionAborted', hint: 'Nothing was run. A retry of the step starts anew.' },
  );

/** What travels to the host with the step, so that the host can tell it to a log that forgot. */
export const executionNote = ({ before, changes = '', commands = [] }: HostStep): string =>
  JSON.stringify({ before, changes, commands } satisfies Beginning);

async function beginningForward(
  worker: StepWorker,
  run: Run,
  work: Work,
): Promise<Beginning | 'nothing to do'> {
  const step = stepOf(run, work.step);
  const handler = handlerOf(step);
  const before = await probeStep(worker, run, work);
  if (handler.isDone(before) === true) return 'nothing to do';
  return { before, changes: handler.changes(before), commands: step.apply };
}

async function beginningBack(
  worker: StepWorker,
  run: Run,
  work: Work,
): Promise<Beginning | 'nothing to do'> {
  const handler = handlerOf(stepOf(run, work.step));
  const target = planTarget(run.plan, work.host);
  const forward = hostStep(run, { ...work, phase: 'apply' });
  const { alive } = await endAllAttempts(worker, run, {
    ...work,
    phase: 'apply',
    attempt: forward.attempt,
  });
  if (alive.length > 0) throw stillRuns(work, alive);
  const now = await probeStep(worker, run, work);
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
export async function probeStep(worker: StepWorker, run: Run, work: Work): Promise<unknown> {
  const handler = handlerOf(stepOf(run, work.step));
  const target = planTarget(run.plan, work.host);
  const ssh = { user: target.user, become: run.plan.become };
  const outputs: readonly CommandOutput[] =
    handler.probe.length === 0
      ? []
      : await remote.probeHost(
          worker.ssh,
          target,
          handler.probe.map((command) => asUser(command, ssh)),
          { timeoutMs: handler.probeTimeoutMs },
        );
  return handler.parse(outputs);
}

const stillRuns = (work: Work, alive: readonly { pid: number; command: string }[]): OperatorError =>
  new OperatorError(
    `undoing ${work.step} on ${work.host}: what it started still runs: ${alive.map(({ pid, command }) => `pid ${pid} (${command})`).join(', ')}`,
    { hint: 'End these processes, then retry.', name: 'StillRunning' },
  );
