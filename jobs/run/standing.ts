import type { Work } from './events.ts';
import type { PlanStep } from './plan.ts';
import { type Run, hostStep, isPassed, isSettled, isUndecided } from './run.ts';

/** How a step stands over all its hosts, so that a decision need not look at each host again for each event. */
export interface StepStanding {
  /** Hosts on which it neither waits nor went well, in the plan's order: running, asked, failed, stopped or unknown. */
  readonly notable: readonly string[];
  /** Those of them on which it does not go on by itself: failed, stopped or unknown. */
  readonly stuck: readonly string[];
  /** Those of them on which a person was asked to do it. */
  readonly asked: readonly string[];
  readonly hasBegun: boolean;
  /** Hosts on which it may still end by itself, or has not started. */
  readonly unsettled: number;
  readonly failures: number;
  /** Hosts on which a person decides before anything goes on: the outcome is unknown, or it was stopped. */
  readonly halted: number;
}

interface KnownStanding {
  readonly step: PlanStep;
  readonly standing: StepStanding;
}

/** The fold makes a new record of a step's hosts only where one of them changes: the record is what a standing is kept by. */
const known = new WeakMap<object, KnownStanding>();

/** Counted once for each change of the step, and each look is one look-up. */
export function standingOf(run: Run, step: PlanStep): StepStanding {
  const key = run.apply[step.id] ?? step;
  const found = known.get(key);
  if (found?.step === step) return found.standing;
  const standing = countStanding(run, step);
  known.set(key, { step, standing });
  return standing;
}

function countStanding(run: Run, step: PlanStep): StepStanding {
  const [notable, stuck, asked]: [string[], string[], string[]] = [[], [], []];
  let hasBegunHere = false;
  let [unsettled, failures, halted] = [0, 0, 0];
  for (const host of step.hosts) {
    const state = hostStep(run, { phase: 'apply', step: step.id, host });
    const { status } = state;
    hasBegunHere ||= state.began || status !== 'pending';
    if (!isSettled(state)) unsettled += 1;
    if (status === 'failed') failures += 1;
    if (status === 'unknown' || status === 'stopped') halted += 1;
    if (status === 'pending' || isPassed(state)) continue;
    notable.push(host);
    if (status === 'asked') asked.push(host);
    if (isUndecided(state)) stuck.push(host);
  }
  return { notable, stuck, asked, hasBegun: hasBegunHere, unsettled, failures, halted };
}

/** How the steps of a run stand, so that nobody looks at each of them again in one state. */
interface RunStanding {
  readonly steps: readonly PlanStep[];
  /** The first that is not finished. */
  readonly current: PlanStep | undefined;
  /** Those with a host that is notable. */
  readonly notable: readonly PlanStep[];
}

/** The fold makes a new record of all steps where one of them changes. */
const knownRuns = new WeakMap<Run['apply'], RunStanding>();

function standingOfRun(run: Run): RunStanding {
  const { steps } = run.plan;
  const found = knownRuns.get(run.apply);
  if (found?.steps === steps) return found;
  const standing = {
    steps,
    current: steps.find((step) => !isFinished(run, step)),
    notable: steps.filter((step) => standingOf(run, step).notable.length > 0),
  };
  knownRuns.set(run.apply, standing);
  return standing;
}

/** The first step that is not finished, or undefined when all are. */
export const currentStep = (run: Run): PlanStep | undefined => standingOfRun(run).current;

/** Steps on which something goes on, or did not go well, in the plan's order. */
export const notableSteps = (run: Run): readonly PlanStep[] => standingOfRun(run).notable;

export const hasBegun = (run: Run, step: PlanStep): boolean => standingOf(run, step).hasBegun;

/** A step is finished when every host passed, or failed within the number that the step tolerates. */
export const isFinished = (run: Run, step: PlanStep): boolean =>
  standingOf(run, step).unsettled === 0 && !isBlocked(run, step);

/** Too many failures, an unknown outcome, or one that was stopped: no further host starts until a person has decided. */
export function isBlocked(run: Run, step: PlanStep): boolean {
  const { failures, halted } = standingOf(run, step);
  return failures > step.maxFailures || halted > 0;
}

/** A failure that its step puts up with. */
export function isTolerated(run: Run, work: Work): boolean {
  const step = run.plan.steps.find((candidate) => candidate.id === work.step);
  const isFailure = hostStep(run, work).status === 'failed';
  return isFailure && step !== undefined && standingOf(run, step).failures <= step.maxFailures;
}

interface CheckedHosts {
  readonly targets: Run['plan']['targets'];
  readonly unchecked: readonly string[];
  readonly unready: readonly string[];
}

/** The fold makes a new record of the checks only where one comes in. */
const knownChecks = new WeakMap<Run['checks'], CheckedHosts>();

function checkedHosts({ checks, plan: { targets } }: Run): CheckedHosts {
  const found = knownChecks.get(checks);
  if (found?.targets === targets) return found;
  const hosts = Object.keys(targets);
  const counted: CheckedHosts = {
    targets,
    unchecked: hosts.filter((host) => !checks.has(host)),
    unready: hosts.filter((host) => checks.get(host)?.problem !== undefined),
  };
  knownChecks.set(checks, counted);
  return counted;
}

/** Hosts that nobody has looked at yet. */
export const uncheckedHosts = (run: Run): readonly string[] => checkedHosts(run).unchecked;

/** Hosts that were looked at and are not ready: the run ends before anything begins. */
export const unreadyHosts = (run: Run): readonly string[] => checkedHosts(run).unready;

/** People want it to stand still: nothing more begins. */
export const isHeld = ({ paused, proposed }: Run): boolean =>
  paused !== undefined || proposed !== undefined;
