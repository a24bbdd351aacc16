import { createHash } from 'node:crypto';
import type { Work } from './events.ts';
import { askedWork, openGate, stuckWork } from './decide.ts';
import { uncheckedHosts, unreadyHosts } from './standing.ts';
import { confirmVerdict, rollbackVerdict } from './rollback/rollback-verdict.ts';
import { isOutdated, rollbackMark } from './rollback/rollback-demand.ts';
import { planRollback } from './rollback/rollback.ts';
import {
  type HostStep,
  type ProposedRollback,
  type Run,
  chooserOf,
  hostStep,
  stepOf,
} from './run.ts';
import { failedStep, fixChosen } from './fixes.ts';
import { isHeldByServing, servingBreaches } from './serving/serving.ts';
import { gateSteps } from './gate-steps.ts';
import { slowWords } from './durations/slow.ts';
import type { ActionName, Action, PersonRights, Verdict } from './action.ts';

/**
 * The actions that make sense in this state. Buttons are drawn from it and words are checked against it. But for fixes:
 * whether there is one depends on what is known of the failure.
 */
export function offeredActions(run: Run): ActionName[] {
  const back = planRollback(run).steps.length > 0;
  if (run.proposed !== undefined) return offeredMeanwhile(run, run.proposed);
  if (run.ended !== undefined) {
    return back && run.ended.outcome !== 'rolledBack' ? ['rollback'] : [];
  }
  const isStuck = stuckWork(run).length > 0;
  if (run.aborting !== undefined) return isStuck ? ['skip', 'abort'] : [];
  const gate = openGate(run);
  const waits = gate !== undefined && run.gates[gate.step.id]?.requestedAt !== undefined;
  const first: ActionName[] = [];
  if (waits && run.paused === undefined && run.rollback === undefined)
    first.push('approve', 'reject');
  if (askedWork(run).length > 0) first.push('done');
  if (isStuck) first.push('retry', 'skip');
  first.push(run.paused === undefined ? 'pause' : 'resume');
  if (run.paused === undefined && isHeldByServing(run)) first.push('resume');
  if (back && run.rollback === undefined) first.push('rollback');
  return [...first, 'abort'];
}

/** What makes sense while a rollback waits for its second person. One that would undo something else by now can only be dropped. */
function offeredMeanwhile(run: Run, proposed: ProposedRollback): ActionName[] {
  const first: ActionName[] = isOutdated(run, proposed) ? ['decline'] : ['confirm', 'decline'];
  if (run.ended !== undefined) return first;
  return [...first, ...(askedWork(run).length > 0 ? (['done'] as const) : []), 'abort'];
}

/**
 * A short mark of the part of the state that an action depends on. A button carries the mark of the state it was drawn
 * from; when the run's present mark differs, the press was meant for something that is no longer there.
 */
export function stateMark(run: Run, name: ActionName): string {
  switch (name) {
    case 'approve':
    case 'reject': {
      const gate = openGate(run)?.step.id ?? 'none';
      return `${gate}.${Date.parse(run.gates[gate]?.requestedAt ?? '') || 0}.${run.planHash.slice(0, 12)}`;
    }
    case 'retry':
    case 'skip':
    case 'fix':
      return marks(run, stuckWork(run));
    case 'done':
      return marks(run, askedWork(run));
    case 'rollback':
      return `${planRollback(run).to ?? 'none'}..${planRollback(run).steps[0]?.step.id ?? 'none'}`;
    case 'confirm':
    case 'decline':
      return `${run.proposed?.at ?? 'none'}.${rollbackMark(run, run.proposed?.to)}`;
    case 'pause':
      return 'running';
    case 'resume':
      return run.paused === undefined ? heldMark(run) : `paused.${run.paused.at}`;
    case 'abort':
      return run.aborting === undefined ? 'any' : `again.${run.aborting.at}`;
  }
}

const heldMark = (run: Run): string =>
  isHeldByServing(run) ? `held.${servingBreaches(run).join('.')}` : 'paused.';

/** The one place that says whether a person may do this now, and which event it becomes. Pure. */
export function actOnRun(run: Run, asked: Action, person: PersonRights, at: string): Verdict {
  const action = meantAction(run, asked, at);
  const forbidden = whyNot(run, action, person);
  if (forbidden !== undefined) return { refused: 'notAllowed', reason: forbidden };
  const isOffered = mayCome(run, action.name);
  if (!isOffered) return tooLate(run, action);
  if (action.seen !== undefined && action.seen !== stateMark(run, action.name)) {
    return {
      refused: 'stale',
      reason: `that button is from an earlier state of the run. ${runStanding(run)}`,
    };
  }
  return toEvent(run, action, person.id, at);
}

/** Some come without a button of the card. */
function mayCome(run: Run, name: ActionName): boolean {
  if (name === 'fix') return run.proposed === undefined && failedStep(run) !== undefined;
  return (name === 'rollback' && run.proposed !== undefined) || offeredActions(run).includes(name);
}

/**
 * While a rollback waits for its second person, that is what `approve` and `reject` are about: for whoever typed them once
 * it stood there.
 */
export function meantAction({ proposed }: Run, action: Action, at: string): Action {
  if (proposed === undefined || action.seen !== undefined || at <= proposed.at) return action;
  if (action.name === 'approve') return { ...action, name: 'confirm' };
  return action.name === 'reject' ? { ...action, name: 'decline' } : action;
}

function whyNot(run: Run, { name }: Action, person: PersonRights): string | undefined {
  if (name === 'approve' || name === 'reject') {
    if (name === 'approve' && person.id === run.requestedBy) {
      return 'whoever starts a run does not approve it; another approver has to';
    }
    if (name === 'approve' && person.id === chooserOf(run, openGate(run)?.step)) {
      return 'whoever chose a fix does not approve it; another approver has to';
    }
    return person.isApprover
      ? undefined
      : `only approvers of ${run.plan.cloud} can approve or reject`;
  }
  return person.isEngineer || person.isApprover
    ? undefined
    : `only engineers and approvers of ${run.plan.cloud} can do that`;
}

function toEvent(run: Run, action: Action, by: string, at: string): Verdict {
  const text = action.text?.trim() ?? '';
  const gate = openGate(run);
  switch (action.name) {
    case 'approve':
      if (gate === undefined) return tooLate(run, action);
      if (gate.given.includes(by)) {
        return {
          refused: 'already',
          reason: 'you have approved this already; it needs someone else too',
        };
      }
      return {
        event: { type: 'ApprovalGiven', at, gate: gate.step.id, by, planHash: run.planHash },
      };
    case 'reject':
      if (gate === undefined) return tooLate(run, action);
      if (text === '') return incomplete('say why: reject RUN REASON');
      return { event: { type: 'Rejected', at, gate: gate.step.id, by, reason: text } };
    case 'confirm':
      return confirmVerdict(run, action, { by, at });
    case 'decline':
      return { event: { type: 'RollbackDeclined', at, by, ...(text !== '' && { reason: text }) } };
    case 'pause':
      return { event: { type: 'Paused', at, by } };
    case 'resume':
      return { event: { type: 'Resumed', at, by } };
    case 'abort':
      return { event: { type: 'AbortRequested', at, by } };
    case 'retry': {
      const group = firstGroup(stuckWork(run));
      return group === undefined
        ? tooLate(run, action)
        : { event: { type: 'RetryRequested', at, by, ...group } };
    }
    case 'skip': {
      const group = firstGroup(stuckWork(run));
      if (group === undefined) return tooLate(run, action);
      if (text === '') return incomplete('say why: skip RUN REASON');
      return { event: { type: 'SkipRequested', at, by, reason: text, ...group } };
    }
    case 'fix': {
      const failed = failedStep(run);
      if (failed === undefined) return tooLate(run, action);
      if (action.way === undefined) return incomplete('say which fix: fix RUN NUMBER');
      return { event: fixChosen(run, failed, action.way, { by, at }) };
    }
    case 'done': {
      const [work] = askedWork(run);
      if (work === undefined) return tooLate(run, action);
      if (text === '') return incomplete('paste what shows that it is done: done RUN EVIDENCE');
      return { event: { type: 'ProofGiven', at, by, work, proof: text } };
    }
    case 'rollback':
      return rollbackVerdict(run, action, { by, at });
  }
}

/** The first step among these, and the hosts where it is stuck. */
function firstGroup(
  works: readonly Work[],
): (Pick<Work, 'phase' | 'step'> & { hosts: string[] }) | undefined {
  const [first] = works;
  if (first === undefined) return undefined;
  const { phase, step } = first;
  const same = works.filter((work) => work.phase === phase && work.step === step);
  return { phase, step, hosts: same.map(({ host }) => host) };
}

/** The action no longer makes sense: who did it already, or what the run does now instead. */
function tooLate(run: Run, { name }: Action): Verdict {
  const by = doneBy(run, name);
  if (by !== undefined)
    return {
      refused: 'already',
      reason: `${by.by} did that already, at ${by.at}. ${runStanding(run)}`,
      people: [by.by],
    };
  return { refused: 'stale', reason: runStanding(run) };
}

function doneBy(run: Run, name: ActionName): { by: string; at: string } | undefined {
  switch (name) {
    case 'approve':
      return openGate(run) === undefined ? lastApproval(run) : undefined;
    case 'reject':
      return Object.values(run.gates).find((gate) => gate.rejected !== undefined)?.rejected;
    case 'pause':
      return run.paused;
    case 'abort':
      return run.aborting;
    case 'rollback':
    case 'confirm':
      return run.rollback;
    case 'decline':
      return run.proposed === undefined ? run.settled?.decline : undefined;
    case 'resume':
      return run.paused === undefined && isUnderWay(run) ? run.settled?.resume : undefined;
    case 'retry':
    case 'skip':
    case 'fix':
      return stuckWork(run).length === 0 && isUnderWay(run) ? run.settled?.[name] : undefined;
    case 'done':
      return run.settled?.done;
  }
}

const isUnderWay = (run: Run): boolean => run.ended === undefined && run.aborting === undefined;

const lastApproval = (run: Run): { by: string; at: string } | undefined =>
  Object.values(run.gates)
    .flatMap((gate) => gate.approvals)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .at(-1);

/** One sentence: where the run stands now. */
export function runStanding(run: Run): string {
  if (run.proposed !== undefined && isOutdated(run, run.proposed))
    return `Something else has begun in run ${run.id} since its rollback was asked for. Ask for it again: /upgrade rollback ${run.id}`;
  if (run.proposed !== undefined)
    return `Run ${run.id} waits for a second person to confirm its rollback: /upgrade approve ${run.id}`;
  if (run.ended !== undefined) return `Run ${run.id} ended: ${outcomeTexts[run.ended.outcome]}.`;
  if (run.aborting !== undefined) return `Run ${run.id} is being aborted.`;
  const blocked = stuckWork(run)[0];
  if (blocked !== undefined) {
    return `Run ${run.id} needs a decision: "${stepOf(run, blocked.step).title}" ${cameTo(hostStep(run, blocked))} on ${blocked.host}.`;
  }
  if (run.paused !== undefined) return `Run ${run.id} is paused.`;
  if (run.rollback !== undefined) return `Run ${run.id} is rolling back.`;
  const [refused] = unreadyHosts(run);
  if (refused !== undefined) {
    return `Run ${run.id} is about to end with nothing started: ${refused} is not ready.`;
  }
  if (uncheckedHosts(run).length > 0) {
    return `Run ${run.id} is checking its hosts; it asks for approval after that.`;
  }
  const gate = openGate(run);
  if (gate !== undefined)
    return `Run ${run.id} needs approval of ${gateSteps(run, gate.step.id, `"${gate.step.title}"`)}.`;
  if (isHeldByServing(run))
    return `Run ${run.id} starts nothing new: ${servingBreaches(run).join(', ')} should answer and does not.`;
  return `Run ${run.id} is running${slowWords(run)}.`;
}

const cameTo = ({ status }: HostStep): string =>
  status === 'unknown' ? 'has an unknown outcome' : status === 'stopped' ? 'was stopped' : status;

export const outcomeTexts = {
  succeeded: 'succeeded',
  rejected: 'rejected, nothing was run',
  refused: 'not started, because a host was not ready',
  aborted: 'aborted',
  rolledBack: 'rolled back',
} as const;

/** Short for any number of works, and another one whenever one of them has moved on. */
const marks = (run: Run, works: readonly Work[]): string =>
  createHash('sha256')
    .update(JSON.stringify(works.map((work) => [work, hostStep(run, work).status])))
    .digest('hex')
    .slice(0, 16);

const incomplete = (reason: string): Verdict => ({ refused: 'incomplete', reason });
