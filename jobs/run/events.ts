import { z } from 'zod';
import { Command } from '../../handlers/contract/command.ts';
import { LostThings } from './rollback/lost-things.ts';
import { PlanReview } from './review.ts';
import { Plan, PlanStep } from './plan.ts';
import { ProbeChange } from './serving/probe-change.ts';

const at = z.iso.datetime();
/** A Slack user id. */
const by = z.string();
const reason = z.string();

/** That a person acted at the local door of the bot's machine, and by which account there. */
export const DoorUse = z.strictObject({
  /** The user of that machine, whom the cloud's file names. */
  account: z.string(),
  /** Slack was silent, or refused the bot, and what it said of the person at this time counted. */
  confirmedAt: z.iso.datetime().exactOptional(),
  /** By which code it refused the bot. */
  slackRefused: z.string().exactOptional(),
});
export type DoorUse = z.infer<typeof DoorUse>;
/** Absent: it came through Slack. */
const door = DoorUse.exactOptional();

/** One attempt at one step on one host, forward (`apply`) or back (`undo`). */
export const Work = z.strictObject({
  phase: z.enum(['apply', 'undo']),
  step: z.string(),
  host: z.string(),
  attempt: z.int().min(1),
});
export type Work = z.infer<typeof Work>;

/** One execution's directory on the host, and where its output is kept. The same work always has the same id. */
export const executionId = (run: string, { phase, step, host, attempt }: Work): string =>
  [run, step, host, `${phase}${attempt}`].join('.');

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), at, ...shape });

const finished = {
  work: Work,
  /** The last lines of the output, decoded, at most a few KiB. */
  tail: z.string(),
};

export const RunEvent = z.discriminatedUnion('type', [
  event('RunRequested', {
    run: z.string(),
    by,
    plan: Plan,
    planHash: z.string(),
    /** Who might do what on the cloud when the run began: they may stop it when its file cannot be read any more. */
    access: z
      .strictObject({
        engineers: z.array(z.string()),
        approvers: z.array(z.string()),
        /** Users of the bot's machine, and who each is in Slack. */
        localUsers: z.record(z.string(), z.string()).exactOptional(),
      })
      .exactOptional(),
    /** Absent in logs of older versions, and of a run that heals. */
    review: PlanReview.exactOptional(),
  }),
  event('HostReady', {
    host: z.string(),
    freeBytes: z.number(),
    /** The fingerprint of the key that it showed. Absent in logs of older versions. */
    hostKey: z.string().exactOptional(),
  }),
  event('HostRefused', { host: z.string(), reason, hint: z.string() }),

  event('ApprovalRequested', { gate: z.string() }),
  event('ApprovalGiven', { gate: z.string(), by, planHash: z.string() }),
  /** The quorum was counted a while ago: who approved is judged once more before anything begins. */
  event('ApprovalsDoubted', { gate: z.string() }),
  /** All who approved may do so now. */
  event('ApprovalsConfirmed', { gate: z.string() }),
  /** What was approved so far counts no more: `lost` can approve no longer, or another number is needed. */
  event('ApprovalsVoided', {
    gate: z.string(),
    lost: z.array(z.string()),
    needed: z.int().min(1),
    neededBefore: z.int().min(0),
  }),
  event('Rejected', { gate: z.string(), by, reason }),
  event('Paused', { by }),
  event('Resumed', { by }),
  event('AbortRequested', { by, door }),
  event('RetryRequested', {
    by,
    phase: Work.shape.phase,
    step: z.string(),
    hosts: z.array(z.string()).min(1),
  }),
  event('SkipRequested', {
    by,
    reason,
    phase: Work.shape.phase,
    step: z.string(),
    hosts: z.array(z.string()).min(1),
  }),
  /** `steps` join the plan right after `step`, which failed and is left as it is. `planHash` is of the plan with them. */
  event('WayOutChosen', {
    by,
    step: z.string(),
    title: z.string(),
    steps: z.array(PlanStep).min(1),
    planHash: z.string(),
  }),
  /** A rollback that takes a second person was asked for: nothing begins until somebody decides. */
  event('RollbackProposed', {
    by,
    to: z.string(),
    /** Of what it would undo: `rollbackMark`. */
    mark: z.string(),
    /** After so long without an answer `by` may go alone. */
    aloneAfterMs: z.int().min(0),
    /** What was typed to say that one knows what stays. */
    phrase: z.string().exactOptional(),
    reason: reason.exactOptional(),
    door,
  }),
  /** What a rollback that waits for its second person loses, counted in the databases. */
  event('LossCounted', { lost: z.array(LostThings).min(1) }),
  /** The run goes on as if nobody had asked. */
  event('RollbackDeclined', { by, reason: reason.exactOptional() }),
  /** `to` is the first step that is undone; the run goes back to just before it. */
  event('RollbackRequested', {
    by,
    to: z.string(),
    /** Who asked for it, where `by` is the second person. */
    askedBy: z.string().exactOptional(),
    /** Nobody answered who asked at `since`. */
    alone: z.strictObject({ since: at, reason }).exactOptional(),
    door,
  }),

  event('PersonAsked', { work: Work }),
  event('ProofGiven', { work: Work, by, proof: z.string() }),

  /** `before` is what the probe found, kept for undo; `changes` says what the step will change. */
  event('StepStarted', {
    work: Work,
    before: z.unknown(),
    changes: z.string(),
    commands: z.array(Command),
  }),
  event('StepUnchanged', { work: Work }),
  event('StepSucceeded', {
    ...finished,
    /** Of the last command, one of its `okExits`. */
    exit: z.int().optional(),
    sizeBytes: z.int(),
    sha256: z.string(),
  }),
  event('StepFailed', {
    ...finished,
    /**
     * `exit`: a command said so. `state`: all ended well, and a probe found something else. `timeout`: it took too long.
     * `output`: it wrote more than `limitBytes`. Absent: an error, with its reason.
     */
    cause: z.enum(['exit', 'state', 'timeout', 'output']).optional(),
    limitBytes: z.int().optional(),
    /** Mount points without room, and how much the output of the step takes. */
    fullDisks: z.array(z.string()).min(1).optional(),
    outputBytes: z.int().optional(),
    /** Of an error: why, and what to do. */
    reason: reason.optional(),
    hint: z.string().optional(),
    /** The command line that ended it, and its exit code, where it was a command. */
    command: z.string().optional(),
    exit: z.int().optional(),
    /** The host refused to start it, and shows that it did not: in this attempt nothing happened there. */
    neverBegan: z.literal(true).optional(),
  }),
  event('StepUnknown', {
    work: Work,
    evidence: z.string(),
    /** The host answered, and knows nothing of what began on it. */
    forgotten: z.literal(true).optional(),
  }),
  /** What runs on these hosts takes over twice as long as is usual: noted once an attempt. */
  event('StepFoundSlow', {
    phase: Work.shape.phase,
    step: z.string(),
    hosts: z.array(z.string()).min(1),
    usualMs: z.int().min(0),
  }),
  event('LinkLost', { work: Work, reason }),
  event('Reattached', { work: Work, fromByte: z.int(), reason }),
  /** An abort's verified answer: `alive` names what still runs; nothing of it does where that is empty. */
  event('StepStopped', {
    work: Work,
    alive: z.array(z.strictObject({ pid: z.int(), command: z.string() })),
    /** Why nobody could see whether it has ended: then its outcome is unknown. */
    unseen: z.string().optional(),
  }),

  /** Redis was started anew, or another one took its place: the last that was written may be gone. `store` tells them apart. */
  event('StoreRestarted', { store: z.string() }),
  /** After that: what of this run a host has begun, as far as the log does not know of it. */
  event('HostRecalled', {
    host: z.string(),
    begun: z.array(
      z.strictObject({
        work: Work,
        before: z.unknown(),
        changes: z.string(),
        commands: z.array(Command),
      }),
    ),
    /** It did not answer, and the run is to end: why. */
    silent: reason.optional(),
    /** It does not know the last that the log has begun there: it went back as well. */
    lost: Work.exactOptional(),
  }),

  /** What probes found of how the cloud serves: changes only. The first one says what is probed. */
  event('ServingChanged', { changes: z.array(ProbeChange).min(1) }),
  /** That what should have stayed up is down, for so long that people are told. */
  event('ServingBreached', { probes: z.array(z.string()).min(1) }),

  event('Rewound', { to: z.string() }),
  event('RunEnded', {
    outcome: z.enum(['succeeded', 'rejected', 'refused', 'aborted', 'rolledBack']),
  }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
export type RunOutcome = Extract<RunEvent, { type: 'RunEnded' }>['outcome'];
