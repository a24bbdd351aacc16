import { isDeepStrictEqual } from 'node:util';
import type { RunOutcome, Work } from './events.ts';
import type { PlanStep } from './plan.ts';
import { canBeUndone, planRollback } from './rollback/rollback.ts';
import { type HostStep, type Run, hostStep, isPassed, isSettled } from './run.ts';

/** What the engine wants done next. Saying the same thing twice does the same thing once. */
export type Decision =
  | { readonly do: 'check'; readonly host: string }
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
  if (run.aborting !== undefined) return abort(run);
  if (run.rollback !== undefined) return rollBack(run);
  const toCheck = uncheckedHosts(run);
  if (toCheck.length > 0) return toCheck.map((host) => ({ do: 'check', host }));
  if (unreadyHosts(run).length > 0) return [{ do: 'end', outcome: 'refused' }];
  return goOn(run);
}

/** Whether this work may begin now: asked again right before it does, because the run may have turned meanwhile. */
export const mayWorkBegin = (run: Run, work: Work): boolean =>
  hostStep(run, work).status === 'pending' &&
  decide(run).some((next) => next.do === 'start' && isDeepStrictEqual(next.work, work));

/** Hosts that nobody has looked at yet. */
export const uncheckedHosts = (run: Run): string[] =>
  hostsOf(run).filter((host) => run.checks[host] === undefined);

/** Hosts that were looked at and are not ready: the run ends before anything begins. */
export const unreadyHosts = (run: Run): string[] =>
  hostsOf(run).filter((host) => run.checks[host]?.problem !== undefined);

/** The first step that is not finished, or undefined when all are. */
export const currentStep = (run: Run): PlanStep | undefined =>
  run.plan.steps.find((step) => !isFinished(run, step));

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
  const before = steps.slice(
    0,
    steps.findIndex((step) => step.id === id),
  );
  return before.findLast((step) => step.gate !== undefined)?.gate ?? 1;
}

/** Work that failed, stopped or is unknown, so that nothing goes on until a person has decided. */
export function stuckWork(run: Run): Work[] {
  // An abort waits for nothing but what may still run.
  const isLeaving = run.aborting !== undefined;
  const forward = applyWorks(run).filter((work) => {
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

const isUndecided = ({ status }: HostStep): boolean =>
  status === 'failed' || status === 'unknown' || status === 'stopped';

/** Work that is going on right now, on hosts or with a person. */
export function ongoingWork(run: Run): Work[] {
  return [...applyWorks(run), ...undoWorks(run).flat()].filter((work) => {
    const { status } = hostStep(run, work);
    return status === 'running' || status === 'asked';
  });
}

/** Work that waits for a person to do it and say so. */
export const askedWork = (run: Run): Work[] =>
  ongoingWork(run).filter((work) => hostStep(run, work).status === 'asked');

function goOn(run: Run): Decision[] {
  const follow = applyWorks(run).filter((work) => isFollowed(hostStep(run, work)));
  const decisions: Decision[] = follow.map((work) => ({ do: 'start', work }));
  const gate = openGate(run);
  if (
    gate !== undefined &&
    run.gates[gate.step.id]?.rejected !== undefined &&
    !somethingBegan(run)
  ) {
    return [{ do: 'end', outcome: 'rejected' }];
  }
  if (run.paused !== undefined) return decisions;
  const step = currentStep(run);
  if (step === undefined) return [{ do: 'end', outcome: 'succeeded' }];
  if (gate !== undefined) {
    return run.gates[step.id]?.requestedAt === undefined
      ? [{ do: 'askApproval', gate: step.id }]
      : [];
  }
  if (isBlocked(run, step)) return decisions;
  return [...decisions, ...startable(run, 'apply', step, step.hosts)];
}

/** Pending hosts of a step that fit into its batch beside those under way. */
function startable(
  run: Run,
  phase: Work['phase'],
  step: PlanStep,
  hosts: readonly string[],
): Decision[] {
  const works = hosts.map((host) => workOf(run, phase, step.id, host));
  const underWay = works.filter((work) =>
    ['running', 'asked', 'unknown'].includes(hostStep(run, work).status),
  );
  return works
    .filter((work) => hostStep(run, work).status === 'pending')
    .slice(0, Math.max(0, step.batch - underWay.length))
    .map((work) => (step.doer === 'person' ? { do: 'askPerson', work } : { do: 'start', work }));
}

function abort(run: Run): Decision[] {
  const open = [...applyWorks(run), ...undoWorks(run).flat()].filter((work) =>
    isOpen(hostStep(run, work)),
  );
  if (open.length === 0) return [{ do: 'end', outcome: 'aborted' }];
  return stops(run, open);
}

/** Started, and asked about until it answers: also while its host is silent. */
const isFollowed = ({ status, lostAt }: HostStep): boolean =>
  status === 'running' || (status === 'unknown' && lostAt !== undefined);

/** Whether something may still run on the host. */
const isOpen = ({ status }: HostStep): boolean => status === 'running' || status === 'unknown';

/** Stops for open work, but for what an abort has already found alive: there a person decides. */
const stops = (run: Run, open: readonly Work[]): Decision[] =>
  open
    .filter((work) => hostStep(run, work).alive === undefined)
    .map((work) => ({ do: 'stop', work }));

function rollBack(run: Run): Decision[] {
  const open = applyWorks(run).filter((work) => isOpen(hostStep(run, work)));
  if (open.length > 0) return stops(run, open);
  const running = undoWorks(run)
    .flat()
    .filter((work) => isFollowed(hostStep(run, work)));
  const follow: Decision[] = running.map((work) => ({ do: 'start', work }));
  if (run.paused !== undefined) return follow;
  const next = undoWorks(run).find((works) => works.some((work) => !isPassed(hostStep(run, work))));
  const [first] = next ?? [];
  if (next === undefined || first === undefined) return [rewindOrEnd(run)];
  const step = run.plan.steps.find((candidate) => candidate.id === first.step);
  const hosts = next.map((work) => work.host);
  return step === undefined ? follow : [...follow, ...startable(run, 'undo', step, hosts)];
}

function rewindOrEnd(run: Run): Decision {
  const to = run.rollback?.to;
  const begunBefore = run.plan.steps
    .slice(
      0,
      run.plan.steps.findIndex((step) => step.id === to),
    )
    .filter((step) => step.exit === 'oneWay' || canBeUndone(step))
    .some((step) => states(run, step).some(({ began }) => began));
  return to === undefined || !begunBefore
    ? { do: 'end', outcome: 'rolledBack' }
    : { do: 'rewind', to };
}

/** Undo work in its order, a list per step. */
const undoWorks = (run: Run): Work[][] =>
  run.rollback === undefined
    ? []
    : planRollback(run, run.rollback.to).steps.map(({ step, hosts }) =>
        hosts.map((host) => workOf(run, 'undo', step.id, host)),
      );

const applyWorks = (run: Run): Work[] =>
  run.plan.steps.flatMap((step) => step.hosts.map((host) => workOf(run, 'apply', step.id, host)));

const workOf = (run: Run, phase: Work['phase'], step: string, host: string): Work => ({
  phase,
  step,
  host,
  attempt: hostStep(run, { phase, step, host }).attempt,
});

const hostsOf = (run: Run): string[] => Object.keys(run.plan.targets);

const states = (run: Run, step: PlanStep): HostStep[] =>
  step.hosts.map((host) => hostStep(run, { phase: 'apply', step: step.id, host }));

const hasBegun = (run: Run, step: PlanStep): boolean =>
  states(run, step).some((state) => state.began || state.status !== 'pending');

const somethingBegan = (run: Run): boolean => run.plan.steps.some((step) => hasBegun(run, step));

const failures = (run: Run, step: PlanStep): number =>
  states(run, step).filter(({ status }) => status === 'failed').length;

/** A step is finished when every host passed, or failed within the number that the step tolerates. */
const isFinished = (run: Run, step: PlanStep): boolean =>
  states(run, step).every((state) => isSettled(state) && state.status !== 'unknown') &&
  !isBlocked(run, step);

/** Too many failures, an unknown outcome, or one that was stopped: no further host starts until a person has decided. */
const isBlocked = (run: Run, step: PlanStep): boolean =>
  failures(run, step) > step.maxFailures ||
  states(run, step).some(({ status }) => status === 'unknown' || status === 'stopped');

function isTolerated(run: Run, work: Work): boolean {
  const step = run.plan.steps.find((candidate) => candidate.id === work.step);
  const isFailure = hostStep(run, work).status === 'failed';
  return isFailure && step !== undefined && failures(run, step) <= step.maxFailures;
}
