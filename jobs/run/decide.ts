import type { RunOutcome, Work } from './events.ts';
import type { PlanStep } from './plan.ts';
import { canBeUndone, planRollback } from './rollback/rollback.ts';
import {
  type HostStep,
  type Run,
  hostStep,
  isCurrent,
  isFollowed,
  isPassed,
  isUndecided,
  mayStillRun,
} from './run.ts';
import { isPausedOrHeld } from './serving/serving.ts';
import {
  currentStep,
  hasBegun,
  isBlocked,
  isHeld,
  isTolerated,
  notableSteps,
  standingOf,
  uncheckedHosts,
  unreadyHosts,
} from './standing.ts';

/** What the engine wants done next. Saying the same thing twice does the same thing once. */
export type Decision =
  | { readonly do: 'check'; readonly host: string }
  /** Ask the host what it has begun for this run. */
  | { readonly do: 'recall'; readonly host: string }
  /** Start this work, or follow it where it is already started. */
  | { readonly do: 'start'; readonly work: Work }
  /** End the work's process group on its host, and say what is left of it. */
  | { readonly do: 'stop'; readonly work: Work }
  | { readonly do: 'askApproval'; readonly gate: string }
  | { readonly do: 'askPerson'; readonly work: Work }
  | { readonly do: 'rewind'; readonly to: string }
  | { readonly do: 'end'; readonly outcome: RunOutcome };

/** The whole engine: what should happen next in a run. No decision means that a host or a person has the next word. */
export function decide(run: Run): Decision[] {
  if (run.ended !== undefined) return [];
  if (run.recalling !== undefined) return askHosts(run, run.recalling);
  if (run.aborting !== undefined) return abort(run);
  if (run.rollback !== undefined) return rollBack(run);
  const toCheck = uncheckedHosts(run);
  if (toCheck.length > 0) return toCheck.map((host) => ({ do: 'check', host }));
  if (unreadyHosts(run).length > 0) return [{ do: 'end', outcome: 'refused' }];
  return goOn(run);
}

/** Whether this work may begin now: asked again right before it does, because the run may have turned meanwhile. */
export function mayWorkBegin(run: Run, work: Work): boolean {
  const next = startableNow(run);
  return (
    next !== undefined &&
    next.step.doer === 'host' &&
    next.step.id === work.step &&
    next.phase === work.phase &&
    isCurrent(run, work) &&
    next.hosts.includes(work.host)
  );
}

/** The step that may start now, and on which of its hosts. */
export interface Startable {
  readonly phase: Work['phase'];
  readonly step: PlanStep;
  readonly hosts: readonly string[];
}

export function startableNow(run: Run): Startable | undefined {
  if (run.ended !== undefined || run.aborting !== undefined) return undefined;
  if (run.recalling !== undefined) return undefined;
  if (run.rollback !== undefined)
    return openForward(run).length > 0 ? undefined : startableBack(run);
  const isReady = uncheckedHosts(run).length === 0 && unreadyHosts(run).length === 0;
  return isReady ? startableForward(run) : undefined;
}

export interface StandingGate {
  readonly step: PlanStep;
  readonly needed: number;
  /** Who approved the plan as it is. */
  readonly given: readonly string[];
}

/** The gate that the run stands before: not enough approvals yet for the step that would come next, or doubted ones. */
export function openGate(run: Run): StandingGate | undefined {
  const gate = standingGate(run);
  if (gate === undefined) return undefined;
  const isDoubted = run.gates[gate.step.id]?.doubtedAt !== undefined;
  return gate.given.length >= gate.needed && !isDoubted ? undefined : gate;
}

/** The gate before the step that would come next, which has not begun. */
export function standingGate(run: Run): StandingGate | undefined {
  const step = currentStep(run);
  if (step === undefined || hasBegun(run, step)) return undefined;
  const needed = approvalsNeeded(run, step);
  if (needed === 0) return undefined;
  const given = [
    ...new Set(
      (run.gates[step.id]?.approvals ?? [])
        .filter((approval) => approval.planHash === run.planHash)
        .map((approval) => approval.by),
    ),
  ];
  return { step, needed, given };
}

/** Approvals that a gate before this step takes; 0 without a gate. A step that a rollback led back to is one as well. */
export function approvalsNeeded(run: Run, { id, gate }: Pick<PlanStep, 'id' | 'gate'>): number {
  return run.gates[id]?.needed ?? approvalsPlanned(run, { id, gate });
}

/** The same as it was planned, whatever the cloud's file asks for since. */
export function approvalsPlanned(run: Run, { id, gate }: Pick<PlanStep, 'id' | 'gate'>): number {
  if (gate !== undefined) return gate;
  if (run.gates[id] === undefined) return 0;
  const { steps } = run.plan;
  const index = steps.findIndex((step) => step.id === id);
  const before = steps.slice(0, index);
  return before.findLast((step) => step.gate !== undefined)?.gate ?? 1;
}

/** Work that failed, stopped or is unknown, so that nothing goes on until a person has decided. */
export function stuckWork(run: Run): Work[] {
  // An abort waits for nothing but what may still run.
  const isLeaving = run.aborting !== undefined;
  const forward = worksThat(run, 'stuck').filter((work) => {
    const state = hostStep(run, work);
    if (state.status === 'unknown') return true;
    return (
      !isLeaving && run.rollback === undefined && isUndecided(state) && !isTolerated(run, work)
    );
  });
  const back = undoWorks(run)
    .flat()
    .filter((work) => {
      const state = hostStep(run, work);
      return isLeaving ? state.status === 'unknown' : isUndecided(state);
    });
  return [...forward, ...back];
}

/** Work that is going on right now, on hosts or with a person. */
export const ongoingWork = (run: Run): Work[] =>
  notedWorks(run).filter((work) => ['running', 'asked'].includes(hostStep(run, work).status));

/** Work that waits for a person to do it and say so. */
export const askedWork = (run: Run): Work[] => [
  ...worksThat(run, 'asked'),
  ...undoWorks(run)
    .flat()
    .filter((work) => hostStep(run, work).status === 'asked'),
];

/** What runs is followed meanwhile, unless it is to end. */
function askHosts(run: Run, hosts: readonly string[]): Decision[] {
  const followed = run.aborting === undefined ? notedWorks(run) : [];
  return [
    ...followed.filter((work) => isFollowed(hostStep(run, work))).map(startOf),
    ...hosts.map((host): Decision => ({ do: 'recall', host })),
  ];
}

const startOf = (work: Work): Decision => ({ do: 'start', work });

function goOn(run: Run): Decision[] {
  const follow = worksThat(run, 'notable').filter((work) => isFollowed(hostStep(run, work)));
  const decisions: Decision[] = follow.map(startOf);
  const gate = openGate(run);
  if (
    gate !== undefined &&
    run.gates[gate.step.id]?.rejected !== undefined &&
    !run.plan.steps.some((step) => hasBegun(run, step))
  ) {
    return [{ do: 'end', outcome: 'rejected' }];
  }
  if (isHeld(run)) return decisions;
  const step = currentStep(run);
  if (step === undefined) return [{ do: 'end', outcome: 'succeeded' }];
  if (gate !== undefined) {
    return run.gates[step.id]?.requestedAt === undefined
      ? [{ do: 'askApproval', gate: step.id }]
      : [];
  }
  return [...decisions, ...starts(run, startableForward(run))];
}

function startableForward(run: Run): Startable | undefined {
  const step = currentStep(run);
  if (step === undefined || isPausedOrHeld(run) || openGate(run) !== undefined) return undefined;
  return isBlocked(run, step) ? undefined : startable(run, 'apply', step, step.hosts);
}

/** Pending hosts of a step that fit into its batch beside those under way. */
function startable(
  run: Run,
  phase: Work['phase'],
  step: PlanStep,
  hosts: readonly string[],
): Startable {
  const statusOf = (host: string): HostStep['status'] =>
    hostStep(run, { phase, step: step.id, host }).status;
  const pending: string[] = [];
  let underWay = 0;
  for (const host of hosts) {
    const status = statusOf(host);
    if (status === 'pending') pending.push(host);
    else if (status === 'running' || status === 'asked' || status === 'unknown') underWay += 1;
  }
  return { phase, step, hosts: pending.slice(0, Math.max(0, step.batch - underWay)) };
}

function starts(run: Run, next: Startable | undefined): Decision[] {
  if (next === undefined) return [];
  const { phase, step, hosts } = next;
  const how = step.doer === 'person' ? 'askPerson' : 'start';
  return hosts.map((host) => ({ do: how, work: workOf(run, phase, step.id, host) }));
}

function abort(run: Run): Decision[] {
  const open = notedWorks(run).filter((work) => mayStillRun(hostStep(run, work)));
  if (open.length === 0) return [{ do: 'end', outcome: 'aborted' }];
  return stops(run, open);
}

/** Stops for open work, but for what an abort has already found alive: there a person decides. */
const stops = (run: Run, open: readonly Work[]): Decision[] =>
  open
    .filter((work) => hostStep(run, work).alive === undefined)
    .map((work) => ({ do: 'stop', work }));

// It ends before anything is undone.
const openForward = (run: Run): Work[] =>
  worksThat(run, 'notable').filter((work) => mayStillRun(hostStep(run, work)));

function rollBack(run: Run): Decision[] {
  const open = openForward(run);
  if (open.length > 0) return stops(run, open);
  const works = undoWorks(run).flat();
  const follow = works.filter((work) => isFollowed(hostStep(run, work))).map(startOf);
  if (run.paused !== undefined) return follow;
  return nextUndo(run) === undefined
    ? [rewindOrEnd(run)]
    : [...follow, ...starts(run, startableBack(run))];
}

/** The first step of a rollback that is not undone everywhere. */
const nextUndo = (run: Run): Work[] | undefined =>
  undoWorks(run).find((works) => works.some((work) => !isPassed(hostStep(run, work))));

function startableBack(run: Run): Startable | undefined {
  const works = nextUndo(run) ?? [];
  const step = run.plan.steps.find(({ id }) => id === works[0]?.step);
  if (run.paused !== undefined || step === undefined) return undefined;
  const hosts = works.map(({ host }) => host);
  return startable(run, 'undo', step, hosts);
}

function rewindOrEnd(run: Run): Decision {
  const to = run.rollback?.to;
  const index = run.plan.steps.findIndex((step) => step.id === to);
  const begunBefore = run.plan.steps
    .slice(0, index)
    .filter((step) => step.exit === 'oneWay' || canBeUndone(step))
    .some((step) => states(run, step).some(({ began }) => began));
  return to === undefined || !begunBefore
    ? { do: 'end', outcome: 'rolledBack' }
    : { do: 'rewind', to };
}

/** Undo work in its order, a list per step. */
export const undoWorks = (run: Run): Work[][] =>
  run.rollback === undefined
    ? []
    : planRollback(run, run.rollback.to).steps.map(({ step, hosts }) =>
        hosts.map((host) => workOf(run, 'undo', step.id, host)),
      );

const worksThat = (run: Run, are: 'notable' | 'stuck' | 'asked'): Work[] =>
  notableSteps(run).flatMap((step) =>
    standingOf(run, step)[are].map((host) => workOf(run, 'apply', step.id, host)),
  );

const notedWorks = (run: Run): Work[] => [...worksThat(run, 'notable'), ...undoWorks(run).flat()];

export const workOf = (run: Run, phase: Work['phase'], step: string, host: string): Work => ({
  phase,
  step,
  host,
  attempt: hostStep(run, { phase, step, host }).attempt,
});

const states = (run: Run, step: PlanStep): HostStep[] =>
  step.hosts.map((host) => hostStep(run, { phase: 'apply', step: step.id, host }));
