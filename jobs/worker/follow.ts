import { OperatorError } from '../../handlers/contract/errors.ts';
import { type RunEvent, type Work, executionId } from '../run/events.ts';
import { type StepFailure, judgeStep } from './judge.ts';
import { failureEvidence } from './evidence.ts';
import {
  type KeptOutput,
  type OutputCapture,
  lastOutputLines,
  openOutputCapture,
} from '../redis/output.ts';
import * as remote from '../remote/remote.ts';
import { type Run, hostStep, isCurrent, mayStillRun, stepOf } from '../run/run.ts';
import { sleep, planTarget, type FollowedStep } from './step-worker.ts';
import { capturedLimits, redactedCapture, redactedOutput } from './redacted-output.ts';
import { nextExecution } from './unbegun.ts';
import { executionNote } from './beginning.ts';
import { endAttempt, unseenEnd } from './stop.ts';

/**
 * Follows a step that the log knows to have begun until its outcome is known and recorded: across lost links, restarted
 * workers and silent hosts. Only who recorded that it began begins it on the host; once it may have begun there, it is
 * attached to and nothing else. Ends early, with nothing recorded, when `signal` fires or when the run no longer waits for
 * this work.
 */
export async function followStep(following: FollowedStep): Promise<void> {
  const { worker, run, work } = following;
  const exec = executionId(run.id, work);
  // Of what this worker begins nothing was kept by another.
  const isFirst = following.attachesBecause === undefined;
  const earlier = isFirst ? undefined : await worker.outputs.read(run.id, exec);
  const capture = openOutputCapture(earlier, capturedLimits);
  const shown = redactedCapture(capture, worker.redact(run));
  let saved: KeptOutput | undefined;
  const save = async (isOver = false): Promise<void> => {
    const kept = shown(isOver);
    if (kept !== saved && kept.sizeBytes > 0) await worker.outputs.save(run.id, exec, kept);
    saved = kept;
  };
  const stopSaving = worker.pace.repeat(() =>
    save().catch((error: unknown) =>
      worker.log.warn({ err: error, runId: run.id }, 'saving output'),
    ),
  );
  try {
    const calls = callsOf(following);
    const event = await insist(following, { calls, capture }, async (answered) => {
      const ending = await followOnce(following, { calls, capture, answered });
      return eventOf(following, ending, capture);
    });
    await save(event !== undefined);
    if (event !== undefined) await record(following, event);
  } finally {
    stopSaving();
  }
}

/**
 * Asks a host until it answers. Meanwhile the log says since when the link is lost, and after a while that the outcome is
 * unknown; `answered` is what an attempt calls once the host is there again.
 */
async function insist<T>(
  following: FollowedStep,
  { calls, capture }: Pick<Once, 'calls' | 'capture'>,
  attempt: (answered: () => Promise<void>) => Promise<T>,
): Promise<T | undefined> {
  const { worker, run, work, signal } = following;
  const { store, now, patience } = worker;
  let reason = following.attachesBecause;
  let lostAtMs: number | undefined;
  const answered = async (): Promise<void> => {
    if (reason === undefined) return;
    const fromByte = capture.kept().sizeBytes;
    const event: RunEvent = { type: 'Reattached', at: now(), work, fromByte, reason };
    reason = undefined;
    lostAtMs = undefined;
    await appendIfOpen(following, event);
  };
  // Once at least: nobody but this worker may begin it, and it is asked to end in the same moment.
  do {
    try {
      return await attempt(answered);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof OperatorError)) throw error;
      if (!calls.hasCertainlyNotBegun()) await silent(error.message);
      await sleep(patience.retryMs);
      if (!isOpen(await store.load(run.id), work)) return undefined;
    }
  } while (!signal.aborted);
  return undefined;

  async function silent(message: string): Promise<void> {
    lostAtMs ??= performance.now();
    reason = 'the link to the host was lost';
    await appendIfOpen(following, { type: 'LinkLost', at: now(), work, reason: message });
    if (performance.now() - lostAtMs < patience.silentMs) return;
    await appendIfOpen(following, { type: 'StepUnknown', at: now(), work, evidence: message });
  }
}

type Followed =
  | remote.ExecutionOutcome
  | remote.ForgottenExecution
  /** Nothing was begun: the log does not know any more that it was to begin. */
  | { readonly type: 'notWanted' };

type Ending =
  | Followed
  | { readonly type: 'notStarted'; readonly error: OperatorError }
  | { readonly type: 'timedOut'; readonly left: remote.AbortResult };

interface Calls {
  /** Begins the step as long as it is certain that it has not begun, and attaches to it from then on. */
  readonly next: (follow: remote.FollowRequest) => Promise<Followed>;
  readonly hasCertainlyNotBegun: () => boolean;
  /** Whether it makes no sense to try to begin it once more. */
  readonly isGivenUp: (error: OperatorError) => boolean;
}

function callsOf({ worker, run, work, signal, attachesBecause }: FollowedStep): Calls {
  const state = hostStep(run, work);
  const target = planTarget(run.plan, work.host);
  const id = executionId(run.id, work);
  const step = stepOf(run, work.step);
  const { outputLimitBytes = remote.usualOutputLimitBytes } = step;
  const commands = state.commands ?? step.apply;
  const next = nextExecution(run, work.host, work);
  const untilMs = performance.now() + worker.patience.connectMs;
  let mayHaveBegun = attachesBecause !== undefined;
  return {
    hasCertainlyNotBegun: () => !mayHaveBegun,
    // Who comes after this worker could not know that it has not begun.
    isGivenUp: ({ disposition }) =>
      disposition === 'stop' || signal.aborted || performance.now() > untilMs,
    next: async (follow) => {
      if (mayHaveBegun) return remote.attachExecution(worker.ssh, target, id, follow);
      // Redis may have lost its last second: what the log has forgotten does not begin.
      if (!isOpen(await worker.store.load(run.id), work)) return { type: 'notWanted' };
      const execution = {
        id,
        commands,
        note: executionNote(state),
        outputLimitBytes,
        become: run.plan.become,
        ...(next === undefined ? {} : { next }),
      };
      mayHaveBegun = true;
      try {
        const ended = await remote.beginExecution(worker.ssh, target, execution, follow);
        if (ended.type === 'exited' && next !== undefined && ended.unbegun === next)
          worker.unbegun.note(next);
        return ended;
      } catch (error) {
        mayHaveBegun = !(error instanceof OperatorError && error.disposition !== 'ask');
        throw error;
      }
    },
  };
}

interface Once {
  readonly calls: Calls;
  readonly capture: OutputCapture;
  readonly answered: () => Promise<void>;
}

/** One channel's worth of following, with the step's own deadline, which the host's clock alone tells. */
async function followOnce(
  following: FollowedStep,
  { calls, capture, answered }: Once,
): Promise<Ending> {
  const { worker, run, work, signal } = following;
  const { timeoutMs, outputLimitBytes = remote.usualOutputLimitBytes } = stepOf(run, work.step);
  const target = planTarget(run.plan, work.host);
  const id = executionId(run.id, work);
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let answering: Promise<void> | undefined;
  const follow = (until: AbortSignal): Promise<Followed> =>
    calls.next({
      fromByte: capture.kept().sizeBytes,
      // Beyond what it may write there is nothing to read: the host gives that back to its disk.
      onOutput: (bytes) =>
        capture.add(bytes.subarray(0, Math.max(0, outputLimitBytes - capture.kept().sizeBytes))),
      onBegan: ({ ageMs }) => {
        answering ??= answered();
        clearTimeout(timer);
        const leftMs = Math.max(0, Math.min(timeoutMs - ageMs, 2 ** 31 - 1));
        timer = setTimeout(() => late.abort(), leftMs);
      },
      signal: until,
    });
  try {
    return await follow(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (calls.hasCertainlyNotBegun() && error instanceof OperatorError && calls.isGivenUp(error))
      return { type: 'notStarted', error };
    if (signal.aborted || !late.signal.aborted) throw error;
    // It may have ended in time, with nobody there to see it.
    const there = await remote.readExecutionState(worker.ssh, target, id);
    if (there.state === 'exited') return await follow(signal);
    return { type: 'timedOut', left: await endAttempt(worker, run, work) };
  } finally {
    clearTimeout(timer);
    await answering;
  }
}

/** What the log should say about how the step ended, after a look at the state it left behind. */
async function eventOf(
  following: FollowedStep,
  ending: Ending,
  capture: OutputCapture,
): Promise<RunEvent | undefined> {
  const { worker, run, work } = following;
  const shown = redactedOutput(capture.kept(), { redact: worker.redact(run) }, true);
  const tail = lastOutputLines(shown);
  const failed = (failure: StepFailure, found = ''): RunEvent => ({
    type: 'StepFailed',
    at: worker.now(),
    work,
    tail: [tail, found].filter((text) => text !== '').join('\n'),
    ...failure,
  });
  switch (ending.type) {
    case 'notWanted':
      return undefined;
    case 'unknown':
      return { type: 'StepUnknown', at: worker.now(), work, evidence: ending.evidence };
    case 'forgotten': {
      const { evidence } = ending;
      return { type: 'StepUnknown', at: worker.now(), work, evidence, forgotten: true };
    }
    case 'notStarted':
      return failed({
        reason: ending.error.message,
        hint: ending.error.hint,
        neverBegan: true,
      });
    case 'timedOut':
      // With something alive it is not a failure that may be retried: a second start would meet the first.
      return notGone(following, ending.left) ?? failed({ cause: 'timeout' });
    case 'exited': {
      const failure = await judgeStep(following, ending);
      if (failure !== undefined) return failed(failure, await failureEvidence(following));
      const { sizeBytes } = capture.kept();
      const sha256 = capture.sha256() ?? (await sha256OnHost(following));
      const { exitCode: exit } = ending;
      return { type: 'StepSucceeded', at: worker.now(), work, tail, exit, sizeBytes, sha256 };
    }
  }
}

/** Undefined for what was seen to end. */
function notGone(
  { worker, run, work }: FollowedStep,
  left: remote.AbortResult,
): RunEvent | undefined {
  const unseen = unseenEnd(left, run, work);
  const alive = left.is === 'alive' ? [...left.alive] : [];
  if (alive.length === 0 && unseen === undefined) return undefined;
  const event = { type: 'StepStopped', at: worker.now(), work, alive } as const;
  return unseen === undefined ? event : { ...event, unseen };
}

/** Of an output that is large, or whose beginning another worker saw. */
const sha256OnHost = ({ worker, run, work }: FollowedStep): Promise<string> =>
  remote.outputHash(worker.ssh, planTarget(run.plan, work.host), executionId(run.id, work));

/** A step that is being stopped ends with the signal's exit code: then the stop reports what is left of it. */
function record(following: FollowedStep, event: RunEvent): Promise<void> {
  const { run } = following;
  const isWanted = (now: Run): boolean =>
    event.type !== 'StepFailed' ||
    (now.aborting === undefined && now.rollback?.at === run.rollback?.at);
  return appendIfOpen(following, event, isWanted);
}

async function appendIfOpen(
  { worker, run, work }: FollowedStep,
  event: RunEvent,
  also: (state: Run) => boolean = () => true,
): Promise<void> {
  await worker.store.append(run.id, (state) => {
    if (!isOpen(state, work) || !also(state)) return undefined;
    const { status, lostAt } = hostStep(state, work);
    if (event.type === 'LinkLost' && lostAt !== undefined) return undefined;
    const isNews = event.type === 'StepUnknown' && event.forgotten === true && lostAt !== undefined;
    if (event.type === 'StepUnknown' && status === 'unknown' && !isNews) return undefined;
    return event;
  });
}

const isOpen = (run: Run, work: Work): boolean =>
  isCurrent(run, work) && mayStillRun(hostStep(run, work));
