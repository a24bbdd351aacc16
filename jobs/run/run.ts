import type { RunEvent, RunOutcome, Work } from './events.ts';
import type { Plan, PlanStep } from './plan.ts';
import type { LostThings } from './rollback/lost-things.ts';
import type { PlanReview } from './review.ts';
import type { ServingState } from './serving/probe-change.ts';

export type HostStatus =
  | 'pending'
  | 'running'
  | 'asked'
  | 'succeeded'
  | 'unchanged'
  | 'failed'
  | 'unknown'
  | 'stopped'
  | 'skipped';

/** One step on one host, in one direction. */
export interface HostStep {
  readonly status: HostStatus;
  readonly attempt: number;
  /** Of the numbers up to it: those that no attempt of the log had. Absent: none. */
  readonly unusedNumbers?: number;
  /** Whether something was started on the host in any attempt, so that there may be something to undo. */
  readonly began: boolean;
  /** The same before the present attempt. */
  readonly beganEarlier?: boolean;
  /** What the first probe found, before anything began. */
  readonly before?: unknown;
  readonly changes?: string;
  readonly commands?: Extract<RunEvent, { type: 'StepStarted' }>['commands'];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly failure?: Omit<
    Extract<RunEvent, { type: 'StepFailed' }>,
    'type' | 'at' | 'work' | 'tail'
  >;
  readonly evidence?: string;
  /** The evidence of an earlier attempt whose outcome is unknown, until this one has begun: only then it was looked for. */
  readonly unsure?: string;
  readonly tail?: string;
  /** Exit code of a success; a failure carries its own. */
  readonly exitCode?: number;
  readonly sizeBytes?: number;
  readonly sha256?: string;
  /** Since when the link to the host is lost; absent while it is there. */
  readonly lostAt?: string;
  readonly reattached?: { readonly at: string; readonly reason: string };
  /** Since when it is known to take over twice as long as is usual. */
  readonly slow?: { readonly at: string; readonly usualMs: number };
  readonly alive?: Extract<RunEvent, { type: 'StepStopped' }>['alive'];
  readonly skipped?: { readonly by: string; readonly reason: string };
  readonly proof?: { readonly by: string; readonly text: string };
}

export interface GateState {
  readonly requestedAt?: string;
  readonly approvals: readonly {
    readonly by: string;
    readonly at: string;
    readonly planHash: string;
  }[];
  readonly rejected?: { readonly by: string; readonly at: string; readonly reason: string };
  /** How many it needs, where the cloud's file asks for more than when it was planned. */
  readonly needed?: number;
  /** Since when nothing begins on what was approved, until those who approved were judged once more. */
  readonly doubtedAt?: string;
  /** When they were. */
  readonly confirmedAt?: string;
  /** Why what was approved counts no more; it is asked for anew. */
  readonly voided?: VoidedApprovals;
}

export type VoidedApprovals = Pick<
  Extract<RunEvent, { type: 'ApprovalsVoided' }>,
  'at' | 'lost' | 'needed' | 'neededBefore'
>;

/** A fix of a failure whose steps are part of the run's plan, and what it would be without them. */
export interface TakenFix {
  readonly number: number;
  readonly by: string;
  readonly at: string;
  readonly title: string;
  /** The step that failed. */
  readonly from: string;
  readonly plan: Plan;
  readonly planHash: string;
  /** How the failed step was, by host. */
  readonly states: HostSteps;
}

/** By host. A map, as each event makes a copy of it: that of a record takes seven times as long where there are a thousand. */
export type HostSteps = ReadonlyMap<string, HostStep>;

/** By step. */
type StepStates = Readonly<Record<string, HostSteps>>;

export interface HostCheck {
  readonly problem?: { readonly reason: string; readonly hint: string };
  readonly hostKey?: string;
}

/** State of a run, folded from its whole log. */
export interface Run {
  readonly id: string;
  /** Number of events folded; 0 before the first. */
  readonly version: number;
  readonly plan: Plan;
  readonly planHash: string;
  /** What was known about the plan when the run began; its numbers are those of the steps as they were planned. */
  readonly review?: PlanReview;
  readonly requestedBy: string;
  /** Who might do what on the cloud when the run began. Absent in logs of older versions. */
  readonly access?: Extract<RunEvent, { type: 'RunRequested' }>['access'];
  readonly requestedAt: string;
  /** When the last event happened. */
  readonly at: string;
  /** By host. */
  readonly checks: ReadonlyMap<string, HostCheck>;
  readonly gates: Readonly<Record<string, GateState>>;
  readonly apply: StepStates;
  readonly undo: StepStates;
  /** Oldest first, and so in the order of their steps in the plan. */
  readonly fixes: readonly TakenFix[];
  /** How many fixes were ever chosen, so that no step's id returns. */
  readonly fixesChosen: number;
  /** The store that the run was in when it was last started anew, and since when. */
  readonly restarted?: { readonly at: string; readonly store: string };
  /** Hosts that have not said yet what they know of the run since then. */
  readonly recalling?: readonly string[];
  /**
   * Hosts that went back in time as the log did, with the last step that they should know of: whether what comes next there has
   * begun already, nobody knows. `asked`: about what a person was asked last.
   */
  readonly doubted?: Readonly<Record<string, { readonly known: string; readonly asked: Work }>>;
  /** Hosts that did not say it before the run ended. */
  readonly unheard?: readonly string[];
  /** How the cloud serves; absent where nothing is probed. */
  readonly serving?: ServingState;
  readonly paused?: { readonly by: string; readonly at: string; readonly reason?: string };
  readonly aborting?: { readonly by: string; readonly at: string };
  /** A rollback that waits for its second person; nothing begins meanwhile. */
  readonly proposed?: ProposedRollback;
  readonly rollback?: {
    readonly by: string;
    readonly at: string;
    readonly to: string;
    readonly askedBy?: string;
    readonly alone?: { readonly since: string; readonly reason: string };
  };
  /** The last press that settled what stood still, so that whoever presses second learns who was first. */
  readonly settled?: Readonly<
    Partial<
      Record<
        'resume' | 'retry' | 'skip' | 'fix' | 'done' | 'decline',
        { readonly by: string; readonly at: string }
      >
    >
  >;
  /** `by`: who aborted it. */
  readonly ended?: { readonly outcome: RunOutcome; readonly at: string; readonly by?: string };
}

export interface ProposedRollback extends Omit<
  Extract<RunEvent, { type: 'RollbackProposed' }>,
  'type'
> {
  /** What it loses, counted, the latest last. */
  readonly counts?: readonly { readonly at: string; readonly lost: readonly LostThings[] }[];
}

/** The step of a plan by its id. Throws for an id that the plan does not have: that is a bug, not an input. */
export function stepOf(run: Pick<Run, 'plan'>, id: string): PlanStep {
  const step = run.plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`the plan has no step ${id}`);
  return step;
}

/** Who chose the fix that a step belongs to. */
export const chooserOf = (run: Run, step: PlanStep | undefined): string | undefined =>
  step?.way === undefined ? undefined : run.fixes.find(({ number }) => number === step.way)?.by;

/** Which attempt it is, for people. */
export const attemptOf = ({ attempt, unusedNumbers = 0 }: HostStep): number =>
  attempt - unusedNumbers;

/** One step on one host; a pending one where nothing happened yet. */
export const hostStep = (
  run: Run,
  { phase, step, host }: Pick<Work, 'phase' | 'step' | 'host'>,
): HostStep => run[phase][step]?.get(host) ?? pending;

export const isCurrent = (run: Run, work: Work): boolean =>
  hostStep(run, work).attempt === work.attempt;

/** Statuses in which nothing more happens on the host by itself. */
export const isSettled = ({ status }: HostStep): boolean =>
  status !== 'pending' && status !== 'running' && status !== 'asked';

/** Statuses that let the run go on. */
export const isPassed = ({ status }: HostStep): boolean =>
  status === 'succeeded' || status === 'unchanged' || status === 'skipped';

/** Started, and asked about until it answers: also while its host is silent. */
export const isFollowed = ({ status, lostAt }: HostStep): boolean =>
  status === 'running' || (status === 'unknown' && lostAt !== undefined);

/** It did not end well, or nobody knows how: a person decides. */
export const isUndecided = ({ status }: HostStep): boolean =>
  status === 'failed' || status === 'unknown' || status === 'stopped';

/** Whether something may still run on the host. */
export const mayStillRun = ({ status }: HostStep): boolean =>
  status === 'running' || status === 'unknown';

const pending: HostStep = { status: 'pending', attempt: 1, began: false };
