import { type Cloud, mostApprovals } from '../files/cloud.ts';
import {
  type StandingGate,
  approvalsNeeded,
  approvalsPlanned,
  mayWorkBegin,
  standingGate,
} from './decide.ts';
import type { RunEvent, Work } from './events.ts';
import { stepsBehindGate } from './gate-steps.ts';
import type { PlanStep } from './plan.ts';
import type { Run } from './run.ts';

type Access = Cloud['access'];

/**
 * The most approvals that the cloud asks for of any step, be it one. What its own people take upon them needs so many,
 * such as an upgrade that was not rehearsed.
 */
export const mostApprovalsAsked = ({ approvals }: Pick<Access, 'approvals'>): number =>
  Math.max(...Object.values(approvals));

/**
 * How many people have to agree to what nobody upstream supports: the most that the cloud asks for and, unlike there, two
 * wherever whoever starts the run leaves two approvers.
 */
export function quorumOf({ engineers, approvers, approvals }: Access): number {
  const most = mostApprovalsAsked({ approvals });
  const left = engineers.map((engineer) => mostApprovals({ engineers: [engineer], approvers }));
  return Math.min(...left) >= 2 ? Math.max(2, most) : most;
}

/** How long a counted quorum counts: what has not begun by then waits until those who approved were judged once more. */
export const quorumGoodMs = 15_000;

/**
 * Whether this step stands behind a gate whose quorum was counted too long ago for it to begin: a person may have lost the
 * right to approve meanwhile.
 */
export function isQuorumOld(run: Run, step: string, now: string): boolean {
  const gate = standingGate(run);
  if (gate?.step.id !== step) return false;
  const { approvals = [], confirmedAt } = run.gates[step] ?? {};
  const counted = [...approvals.map(({ at }) => at), confirmedAt ?? ''].map((at) => Date.parse(at));
  const last = Math.max(...counted.filter((ms) => !Number.isNaN(ms)));
  return Date.parse(now) - last > quorumGoodMs;
}

/**
 * What the log should say where work is about to begin: `event`, that those who approved it have to be judged first, or
 * nothing, as the run has turned meanwhile. Pure.
 */
export function beginningEvent(
  run: Run,
  { work, event }: { readonly work: Work; readonly event: RunEvent },
  now: string,
): RunEvent | undefined {
  if (!mayWorkBegin(run, work)) return undefined;
  return work.phase === 'apply' && isQuorumOld(run, work.step, now)
    ? { type: 'ApprovalsDoubted', at: now, gate: work.step }
    : { ...event, at: now };
}

/** Who of those who approved can do so now, by the cloud's file and by Slack. */
export interface JudgedApprovals {
  readonly gate: string;
  /** Who was judged. */
  readonly given: readonly string[];
  readonly lost: readonly string[];
  /** Whether Slack left something open. */
  readonly isUnsure: boolean;
  /** By the cloud's file as it is now. */
  readonly needed: number;
}

/** How many approvals the gate needs by this file: never fewer than were planned, whatever it says by now. */
export const approvalsAskedNow = (
  run: Run,
  step: PlanStep,
  { approvals }: Pick<Access, 'approvals'>,
): number =>
  Math.max(
    approvalsPlanned(run, step),
    ...stepsBehindGate(run, step.id).map(({ exit }) => approvals[exit]),
  );

/** The request for approval that stands now, whether or not enough have approved; nothing behind it has begun. */
export function standingRequest(run: Run): StandingGate | undefined {
  if (run.ended !== undefined || run.aborting !== undefined || run.rollback !== undefined)
    return undefined;
  const gate = standingGate(run);
  return gate === undefined || run.gates[gate.step.id]?.requestedAt === undefined
    ? undefined
    : gate;
}

/** What the log should say of a judgement, where it is about the request as it stands. Pure. */
export function judgementEvent(
  run: Run,
  { gate, given, lost, isUnsure, needed }: JudgedApprovals,
  at: string,
): RunEvent | undefined {
  const standing = standingRequest(run);
  if (standing?.step.id !== gate || standing.given.join() !== given.join()) return undefined;
  const neededBefore = approvalsNeeded(run, standing.step);
  if (lost.length > 0 || needed !== neededBefore)
    return { type: 'ApprovalsVoided', at, gate, lost: [...lost], needed, neededBefore };
  const isDoubted = run.gates[gate]?.doubtedAt !== undefined;
  if (isDoubted === isUnsure) return undefined;
  return isUnsure
    ? { type: 'ApprovalsDoubted', at, gate }
    : { type: 'ApprovalsConfirmed', at, gate };
}
