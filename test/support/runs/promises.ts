import { ongoingWork } from '../../../jobs/run/decide.ts';
import { type RunEvent, type Work, executionId } from '../../../jobs/run/events.ts';
import { type PlanStep, planHash } from '../../../jobs/run/plan.ts';
import { type Run, hostStep, isPassed, stepOf } from '../../../jobs/run/run.ts';
import { type BookedEvent, isBooked } from './booked-event.ts';
import { mustHold } from './must-hold.ts';
import {
  type AskedRollback,
  askedAfter,
  begunOn,
  backupOf,
  hasUndone,
  isWorthUndoing,
} from './rollback-promise.ts';

/** What an observer of the events alone remembers. It keeps its own books, so that it can't be wrong with the fold. */
interface Books {
  readonly executions: Set<string>;
  readonly approvals: Map<string, Set<string>>;
  readonly rewinds: Set<string>;
  readonly recalled: Set<string>;
  /** What runs on hosts. */
  readonly live: Set<string>;
  readonly choosers: Map<string, string>;
  /** The rollback that waits for a second person, and what had begun when it was asked for. */
  asked?: AskedRollback | undefined;
}

export function watchPromises(): (before: Run, event: RunEvent, now: Run) => void {
  const books: Books = {
    executions: new Set(),
    approvals: new Map(),
    rewinds: new Set(),
    recalled: new Set(),
    live: new Set(),
    choosers: new Map(),
  };
  let count = 1;
  return (before, event, now) => {
    count += 1;
    mustHold(now.version === count, 'the version is the number of events');
    if (isBooked(event)) checkEvent(books, before, event, now);
  };
}

function checkEvent(books: Books, before: Run, event: BookedEvent, now: Run): void {
  switch (event.type) {
    case 'ApprovalRequested':
    case 'ApprovalsVoided':
      books.approvals.set(event.gate, new Set());
      break;
    case 'ApprovalGiven':
      checkApproval(books, before, event);
      break;
    case 'Rewound':
      noteRewind(books, now, event.to);
      break;
    case 'WayOutChosen':
      noteFix(books, before, event, now);
      break;
    case 'StepStarted':
    case 'StepUnchanged':
    case 'PersonAsked':
      checkBeginning(books, before, event, now);
      break;
    case 'ProofGiven':
      checkProof(before, event);
      break;
    case 'StepSucceeded':
    case 'StepFailed':
    case 'StepUnknown':
    case 'StepStopped':
      if (hasEnded(before, event)) books.live.delete(place(event.work));
      break;
    case 'HostRecalled':
      event.begun.forEach(({ work }) => noteRecalled(books, before, work));
      break;
    case 'RetryRequested':
    case 'SkipRequested':
      event.hosts.forEach((host) => books.live.delete(place({ ...event, host, attempt: 1 })));
      break;
    case 'RunEnded':
      checkEnding(books, before, event);
      break;
    case 'RollbackProposed':
    case 'RollbackDeclined':
    case 'AbortRequested':
    case 'RollbackRequested':
      books.asked = askedAfter(books.asked, before, event);
      break;
    case 'ApprovalsConfirmed':
    case 'ApprovalsDoubted':
    case 'HostReady':
    case 'HostRefused':
    case 'LinkLost':
    case 'Paused':
    case 'Reattached':
    case 'Rejected':
    case 'Resumed':
    case 'RunRequested':
    case 'StoreRestarted':
  }
}

function checkEnding(books: Books, before: Run, { outcome }: Of<'RunEnded'>): void {
  mustHold(mayStillRun(before).length === 0, 'nothing runs on after the end');
  if (outcome === 'rejected' || outcome === 'refused')
    mustHold(books.executions.size === 0, `nothing was run: ${outcome}`);
}

function noteFix(books: Books, before: Run, event: Of<'WayOutChosen'>, now: Run): void {
  mustHold(mayStillRun(before).length === 0, 'a fix is chosen while nothing runs');
  mustHold(planHash(now.plan) === event.planHash, 'the hash is of the plan with the fix');
  books.choosers.set(event.steps[0]?.id ?? '', event.by);
}

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

function checkProof({ rollback }: Run, { work: { phase } }: Of<'ProofGiven'>): void {
  const isMeant = phase === 'undo' || rollback === undefined;
  mustHold(isMeant, 'nobody does on rollback what is undone');
}

function checkApproval(
  books: Books,
  before: Run,
  { by, gate, planHash: hash }: Of<'ApprovalGiven'>,
): void {
  mustHold(by !== before.requestedBy, 'someone else approves');
  mustHold(hash === before.planHash, 'an approval is for the plan that runs');
  mustHold(by !== books.choosers.get(gate), 'someone else approves a fix');
  books.approvals.get(gate)?.add(by);
}

/** Whether nothing of it runs on the host any more. */
function hasEnded(
  before: Run,
  event: Of<'StepSucceeded' | 'StepFailed' | 'StepUnknown' | 'StepStopped'>,
): boolean {
  if (event.type === 'StepUnknown') return hostStep(before, event.work).lostAt === undefined;
  return event.type !== 'StepStopped' || event.alive.length === 0;
}

/** It began, so it was approved: its host is the witness of what the log has forgotten. */
function noteRecalled(books: Books, { id: run, plan }: Run, work: Work): void {
  books.executions.add(executionId(run, work));
  books.recalled.add(work.step);
  books.live.add(place(work));
  const upTo = plan.steps.slice(0, plan.steps.findIndex(({ id }) => id === work.step) + 1);
  const gate = upTo.findLast(({ id, gate: asks }) => asks !== undefined || books.rewinds.has(id));
  if (gate !== undefined) books.approvals.set(gate.id, new Set(['forgotten 1', 'forgotten 2']));
}

function noteRewind({ approvals, rewinds }: Books, { plan }: Run, to: string): void {
  const undone = plan.steps.slice(plan.steps.findIndex(({ id }) => id === to));
  for (const { id } of undone) {
    approvals.delete(id);
    rewinds.delete(id);
  }
  rewinds.add(to);
  undone.forEach(({ id, way }, index) => {
    // What a fix led to does not run again on what was approved before it.
    if (index > 0 && way !== undone[index - 1]?.way) rewinds.add(id);
  });
}

/** What begins on hosts, or is asked of a person. */
function checkBeginning(
  books: Books,
  before: Run,
  event: Of<'StepStarted' | 'StepUnchanged' | 'PersonAsked'>,
  now: Run,
): void {
  const { executions, live } = books;
  const { work } = event;
  const id = executionId(before.id, work);
  if (event.type !== 'StepUnchanged') {
    mustHold(!executions.has(id), `${id} starts once`);
    executions.add(id);
  }
  if (event.type === 'StepStarted') {
    mustHold(!live.has(place(work)), `${id} starts after the attempt before it`);
    live.add(place(work));
  }
  mustHold(before.paused === undefined, 'nothing starts while paused');
  mustHold(before.aborting === undefined, 'nothing starts while aborting');
  mustHold(before.ended === undefined, 'nothing starts after the end');
  if (work.phase === 'apply') checkForward(books, before, work.step);
  else checkBack(books, before, work);
  const busy = ongoingWork(now).filter(
    ({ phase, step: id_ }) => phase === work.phase && id_ === work.step,
  );
  mustHold(busy.length <= stepOf(now, work.step).batch, 'no more than a batch at a time');
}

function checkForward({ approvals, rewinds, recalled }: Books, run: Run, id: string): void {
  mustHold(run.rollback === undefined, 'nothing new starts on rollback');
  const index = run.plan.steps.findIndex((one) => one.id === id);
  const upTo = run.plan.steps.slice(0, index + 1);
  mustHold(!upTo.some((one) => hasUndone(run, one)), `${id} stands on nothing that was undone`);
  const later = run.plan.steps.slice(index + 1);
  mustHold(
    !later.some((one) => begunOn(run, one).length > 0 && !recalled.has(one.id)),
    `${id} begins before those after it`,
  );
  const gate = upTo.findLast((one) => one.gate !== undefined || rewinds.has(one.id));
  const needed = upTo.slice(0, upTo.findIndex((one) => one === gate) + 1);
  const needs = needed.findLast((one) => one.gate !== undefined)?.gate ?? 0;
  const given = approvals.get(gate?.id ?? '')?.size ?? 0;
  mustHold(given >= needs, `${id} has its ${needs} approvals`);
  // One step after the other: all hosts of those before have come to an end that lets the run go on.
  for (const earlier of upTo.slice(0, -1)) {
    const states = earlier.hosts.map((host) =>
      hostStep(run, { phase: 'apply', step: earlier.id, host }),
    );
    const left = states.filter((state) => !isPassed(state));
    mustHold(left.length <= earlier.maxFailures, `${id} starts when ${earlier.id} is through`);
    mustHold(
      left.every(({ status }) => status === 'failed'),
      'only failures are tolerated',
    );
  }
}

function checkBack({ recalled }: Books, run: Run, work: { step: string; host: string }): void {
  mustHold(run.rollback !== undefined, 'undo only on rollback');
  const forward = mayStillRun(run).filter((open) => open.startsWith('apply'));
  mustHold(forward.length === 0, 'undo waits for what runs');
  mustHold(hostStep(run, { ...work, phase: 'apply' }).began, 'only what began is undone');
  const index = run.plan.steps.findIndex((one) => one.id === work.step);
  const earlier = run.plan.steps.slice(0, index);
  mustHold(
    !earlier.some((one) => hasUndone(run, one) && !recalled.has(one.id)),
    `${work.step} is undone before those before`,
  );
  const step = stepOf(run, work.step);
  if (step.exit === 'restorable') checkBackup(run, step, work.host);
  mustHold(isWorthUndoing(run, step), 'nobody restores whole hosts for nothing');
  for (const later of run.plan.steps.slice(index + 1)) {
    const begun = begunOn(run, later);
    mustHold(later.exit !== 'oneWay' || begun.length === 0, 'no rollback beyond a one-way step');
    const isUndone = (host: string): boolean =>
      isPassed(hostStep(run, { phase: 'undo', step: later.id, host }));
    const isDone = !isWorthUndoing(run, later) || begun.every(isUndone);
    mustHold(isDone, `${later.id} is undone before ${work.step}`);
  }
}

/** What only a backup puts back is on the way only together with that backup, which worked. */
function checkBackup(run: Run, step: PlanStep, host: string): void {
  const { steps } = run.plan;
  const backup = backupOf(run, step, host);
  mustHold(backup !== undefined, `${step.id} is undone by a backup that worked`);
  const start = steps.findIndex(({ id }) => id === run.rollback?.to);
  mustHold(
    backup !== undefined && steps.indexOf(backup) >= start,
    `the rollback over ${step.id} takes its backup in`,
  );
}

const place = ({ phase, step: id, host }: Work): string => `${phase} ${id} ${host}`;

const mayStillRun = (run: Run): string[] =>
  (['apply', 'undo'] as const).flatMap((phase) =>
    Object.entries(run[phase]).flatMap(([id, perHost]) =>
      [...perHost]
        .filter(([, { status }]) => status === 'running' || status === 'unknown')
        .map(([host]) => `${phase} ${id} ${host}`),
    ),
  );
