import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RedactRun } from '../redis/seal/redacted-store.ts';
import type { Outputs } from '../redis/output.ts';
import { isFromRedis, redisRefusalOf } from '../redis/reach/refusals.ts';
import type { SavePace } from './save-pace.ts';
import type { UnbegunExecutions } from './unbegun.ts';
import type { Plan } from '../run/plan.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { RunStore } from '../redis/store.ts';
import type { SshTarget } from '../ssh/target.ts';
import type { Work } from '../run/events.ts';
import type { Run } from '../run/run.ts';

/** What a step worker needs. `patience` is how long it bears a silent host before it says so. */
export interface StepWorker {
  readonly store: RunStore;
  readonly ssh: Ssh;
  readonly outputs: Outputs;
  readonly redact: RedactRun;
  readonly pace: SavePace;
  readonly unbegun: UnbegunExecutions;
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

/** The host of a plan. Throws for a host that the plan does not have: that is a bug, not an input. */
export function planTarget(plan: Plan, host: string): SshTarget {
  const target = plan.targets[host];
  if (target === undefined) throw new Error(`the plan has no host ${host}`);
  return target;
}

/** An error as people may read it. Anything but an OperatorError is a bug and reads as one. */
export function explainedError(error: unknown): { message: string; hint: string } {
  if (error instanceof OperatorError) return { message: error.message, hint: error.hint };
  const refusal = isFromRedis(error) ? redisRefusalOf(error) : undefined;
  if (refusal !== undefined) return { message: `Redis: ${refusal.says}`, hint: refusal.hint };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    message: `a defect in Hopscotch: ${message}`,
    hint: 'The log has the details; please report it with them.',
  };
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Tries again while nothing began on the host and it may still answer: sshd restarts, hosts boot. */
export async function persist<T>({ patience }: StepWorker, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience.connectMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof OperatorError && error.disposition !== 'stop';
      if (!passing || performance.now() + patience.retryMs > deadline) throw error;
      await sleep(patience.retryMs);
    }
  }
}

export interface FollowedStep {
  readonly worker: StepWorker;
  /** The run as it was when the step had begun. */
  readonly run: Run;
  readonly work: Work;
  /** Ends the following, never the step itself. */
  readonly signal: AbortSignal;
  /** Why this is not the first follower of the step, and only attaches to it. Absent: this one begins it. */
  readonly attachesBecause?: string;
}
