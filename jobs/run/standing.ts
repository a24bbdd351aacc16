import type { Work } from './events.ts';
import type { PlanStep } from './plan.ts';
import {
  type HostStep,
  type HostSteps,
  type Run,
  hostStep,
  isPassed,
  isSettled,
  isUndecided,
} from './run.ts';

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
  /** Hosts of which the log says that it takes long. */
  readonly slow: number;
}

interface KnownStanding {
  readonly step: PlanStep;
  readonly standing: StepStanding;
  /** Hosts on which it has begun. */
  readonly begun: number;
}

/** The fold makes a new record of a step's hosts only where one of them changes: the record is what a standing is kept by. */
const known = new WeakMap<object, KnownStanding>();

/** Counted once for each change of the step, and each look is one look-up. */
export function standingOf(run: Run, step: PlanStep): StepStanding {
  const key = run.apply[step.id] ?? step;
  const found = known.get(key);
  if (found?.step === step) return found.standing;
  const counted = countStanding(run, step);
  known.set(key, counted);
  return counted.standing;
}

const isNotable = (state: HostStep): boolean => state.status !== 'pending' && !isPassed(state);
const isAsked = ({ status }: HostStep): boolean => status === 'asked';
const isHalted = ({ status }: HostStep): boolean => status === 'unknown' || status === 'stopped';
const isFailed = ({ status }: HostStep): boolean => status === 'failed';
const isBegun = ({ began, status }: HostStep): boolean => began || status !== 'pending';
const isSlow = ({ slow }: HostStep): boolean => slow !== undefined;
const isUnsettled = (state: HostStep): boolean => !isSettled(state);

function countStanding(run: Run, step: PlanStep): KnownStanding {
  const states = step.hosts.map((host) => hostStep(run, { phase: 'apply', step: step.id, host }));
  const hostsThat = (is: (state: HostStep) => boolean): string[] =>
    step.hosts.filter((_host, index) => {
      const state = states[index];
      return state !== undefined && is(state);
    });
  const begun = states.filter(isBegun).length;
  const standing = {
    notable: hostsThat(isNotable),
    stuck: hostsThat(isUndecided),
    asked: hostsThat(isAsked),
    hasBegun: begun > 0,
    unsettled: states.filter(isUnsettled).length,
    failures: states.filter(isFailed).length,
    halted: states.filter(isHalted).length,
    slow: states.filter(isSlow).length,
  };
  return { step, standing, begun };
}

interface HostChange {
  readonly host: string;
  readonly was: HostStep;
  readonly now: HostStep;
}

/** Where one host of a step has changed, how the step stands follows from how it stood: nobody looks at all hosts again. */
export function carryStanding(
  { before, after }: { readonly before: HostSteps; readonly after: HostSteps },
  { host, was, now }: HostChange,
): void {
  const found = known.get(before);
  const places = found && placesOf(found.step.hosts);
  if (found === undefined || places?.has(host) !== true) return;
  const { step, standing } = found;
  const more = (is: (state: HostStep) => boolean): number => Number(is(now)) - Number(is(was));
  const listed = (hosts: readonly string[], is: (state: HostStep) => boolean): readonly string[] =>
    more(is) === 0 ? hosts : toggled(hosts, host, places);
  const begun = found.begun + more(isBegun);
  known.set(after, {
    step,
    begun,
    standing: {
      notable: listed(standing.notable, isNotable),
      stuck: listed(standing.stuck, isUndecided),
      asked: listed(standing.asked, isAsked),
      hasBegun: begun > 0,
      unsettled: standing.unsettled + more(isUnsettled),
      failures: standing.failures + more(isFailed),
      halted: standing.halted + more(isHalted),
      slow: standing.slow + more(isSlow),
    },
  });
}

type Places = ReadonlyMap<string, number>;

/** Some hosts of a step in its order, without the one, or with it. */
function toggled(hosts: readonly string[], host: string, places: Places): readonly string[] {
  const place = places.get(host) ?? 0;
  let [from, to] = [0, hosts.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((places.get(hosts[middle] ?? '') ?? 0) < place) from = middle + 1;
    else to = middle;
  }
  return hosts[from] === host ? hosts.toSpliced(from, 1) : hosts.toSpliced(from, 0, host);
}

const knownPlaces = new WeakMap<readonly string[], Places>();

function placesOf(hosts: readonly string[]): Places {
  const found = knownPlaces.get(hosts);
  if (found !== undefined) return found;
  const places = new Map(hosts.map((host, index) => [host, index]));
  knownPlaces.set(hosts, places);
  return places;
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
