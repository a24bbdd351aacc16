import { toShell } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunEvent } from '../run/events.ts';
import { handlerOf } from '../run/plan.ts';
import * as remote from '../remote/remote.ts';
import { hostStep, stepOf } from '../run/run.ts';
import { explainedError, type FollowedStep } from './step-worker.ts';
import { probeStep } from './beginning.ts';

/** What the log says of a failure, beside the work and its output. */
export type StepFailure = Omit<
  Extract<RunEvent, { type: 'StepFailed' }>,
  'type' | 'at' | 'work' | 'tail'
>;

/**
 * How a step that ended failed: by its exit code, or by the state that a probe finds afterwards. Absent: it did what it should. Throws
 * the OperatorError of a host that does not answer the probe, as that says nothing about the step.
 */
export async function judgeStep(
  following: FollowedStep,
  outcome: remote.ExitedExecution,
): Promise<StepFailure | undefined> {
  const { run, work } = following;
  const step = stepOf(run, work.step);
  const commands = hostStep(run, work).commands ?? step.apply;
  const ended = commands[outcome.commandIndex];
  if (outcome.wroteTooMuch) return wroteTooMuch(following, outcome.exitCode);
  const isOk =
    (ended?.okExits ?? [0]).includes(outcome.exitCode) &&
    outcome.commandIndex === commands.length - 1;
  if (isOk) return judgeState(following);
  return {
    cause: 'exit',
    exit: outcome.exitCode,
    ...(outcome.fullDisks.length === 0
      ? {}
      : { fullDisks: [...outcome.fullDisks], outputBytes: outcome.bytes }),
    ...(ended === undefined ? {} : { command: toShell(ended.words) }),
  };
}

async function judgeState({ worker, run, work }: FollowedStep): Promise<StepFailure | undefined> {
  const step = stepOf(run, work.step);
  const handler = handlerOf(step);
  try {
    const found = await probeStep(worker, run, work);
    const isRight =
      work.phase === 'apply'
        ? handler.isDone(found, hostStep(run, work).before) !== false
        : handler.isRestored(hostStep(run, { ...work, phase: 'apply' }).before, found);
    if (isRight) return undefined;
  } catch (error) {
    if (error instanceof OperatorError && error.disposition !== 'stop') throw error;
    const { message: reason, hint } = explainedError(error);
    return { reason, hint };
  }
  return { cause: 'state' };
}

function wroteTooMuch({ run, work }: FollowedStep, exit: number): StepFailure {
  const { outputLimitBytes = remote.usualOutputLimitBytes } = stepOf(run, work.step);
  return { cause: 'output', exit, limitBytes: outputLimitBytes };
}
