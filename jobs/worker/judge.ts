import { toShell } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { handlerOf } from '../run/plan.ts';
import { sizeText } from '../files/sizes.ts';
import * as remote from '../remote/remote.ts';
import { hostStep, stepOf } from '../run/run.ts';
import { explainedError, type FollowedStep } from './step-worker.ts';
import { probeStep } from './beginning.ts';

export interface StepJudgement {
  /** Why it failed; absent when it did not. */
  readonly message?: string;
  readonly hint?: string;
  readonly command?: string;
  readonly exit?: number;
  readonly neverBegan?: true;
}

type Failure = StepJudgement & { readonly message: string };

/**
 * Whether a step that ended did what it should: by its exit code, and by the state that a probe finds afterwards. Throws
 * the OperatorError of a host that does not answer the probe, as that says nothing about the step.
 */
export async function judgeStep(
  following: FollowedStep,
  outcome: remote.ExitedExecution,
): Promise<StepJudgement> {
  const { run, work } = following;
  const step = stepOf(run, work.step);
  const commands = hostStep(run, work).commands ?? step.apply;
  const ended = commands[outcome.commandIndex];
  if (outcome.wroteTooMuch) return wroteTooMuch(following, outcome.exitCode);
  const isOk =
    (ended?.okExits ?? [0]).includes(outcome.exitCode) &&
    outcome.commandIndex === commands.length - 1;
  if (isOk) return judgeState(following);
  const full = outcome.fullDisks.join(' and ');
  return {
    message: `${step.title} on ${work.host}: exit ${outcome.exitCode}${full === '' ? '' : `, and the disk is full: no room at ${full} (its output takes ${sizeText(outcome.bytes)})`}`,
    hint:
      full === ''
        ? 'Look at the output; then retry, skip with a reason, or roll back.'
        : `Make room at ${full} on ${work.host}; then retry, skip with a reason, or roll back.`,
    exit: outcome.exitCode,
    ...(ended === undefined ? {} : { command: toShell(ended.words) }),
  };
}

async function judgeState({ worker, run, work }: FollowedStep): Promise<StepJudgement> {
  const step = stepOf(run, work.step);
  const handler = handlerOf(step);
  try {
    const found = await probeStep(worker, run, work);
    const isRight =
      work.phase === 'apply'
        ? handler.isDone(found, hostStep(run, work).before) !== false
        : handler.isRestored(hostStep(run, { ...work, phase: 'apply' }).before, found);
    if (isRight) return {};
  } catch (error) {
    if (error instanceof OperatorError && error.disposition !== 'stop') throw error;
    return explainedError(error);
  }
  const wanted = work.phase === 'apply' ? 'what the step is for' : 'what it was before';
  return {
    message: `${step.title} on ${work.host}: every command ended well, but the state is not ${wanted}`,
    hint: 'Compare the output with the host; then retry, skip with a reason, or roll back.',
  };
}

function wroteTooMuch({ run, work }: FollowedStep, exit: number): Failure {
  const step = stepOf(run, work.step);
  const limit = sizeText(step.outputLimitBytes ?? remote.usualOutputLimitBytes);
  return {
    message: `${step.title} on ${work.host}: it wrote more than ${limit} of output, so it was ended`,
    hint: 'Look at the output for what it says again and again, or give the step a larger outputLimit in the runbook.',
    exit,
  };
}

export function stepTimedOut({ run, work }: FollowedStep): Failure {
  const step = stepOf(run, work.step);
  return {
    message: `${step.title} on ${work.host}: not done within ${step.timeoutMs / 1000} s, so its process group was ended`,
    hint: 'Find out what it waits for, or give the step a longer timeout in the runbook.',
  };
}

export const stepNotStarted = ({ message, hint }: OperatorError): Failure => ({
  message,
  hint,
  neverBegan: true,
});
