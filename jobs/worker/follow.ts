import { OperatorError } from '../../handlers/contract/errors.ts';
import { type RunEvent, type Work, executionId } from '../run/events.ts';
import { type Judgement, judge, notStarted, timedOut } from './judge.ts';
import { evidenceOf } from './evidence.ts';
import { type Capture, lastLines, openCapture } from '../redis/output.ts';
import * as remote from '../remote/remote.ts';
import { type Run, hostStep, isCurrent, stepOf } from '../run/run.ts';
import { type StepWorker, noteOf, sleep, targetOf } from './steps.ts';

export interface Following {
  readonly worker: StepWorker;
  /** The run as it was when the step had begun. */
  readonly run: Run;
  readonly work: Work;
  /** Ends the following, never the step itself. */
  readonly signal: AbortSignal;
  /** Why this is not the first follower of the step. */
  readonly attachesBecause?: string;
}

/**
 * Follows a step that has begun until its outcome is known and recorded: across lost links, restarted workers and silent
 * hosts. Ends early, with nothing recorded, when `signal` fires or when the run no longer waits for this work.
 */
export async function followStep(following: Following): Promise<void> {
  const { worker, run, work } = following;
  const exec = executionId(run.id, work);
  const capture = openCapture(await worker.outputs.read(run.id, exec));
  const save = () => worker.outputs.save(run.id, exec, capture.kept());
  const saving = setInterval(() => {
    save().catch((error: unknown) =>
      worker.log.warn({ err: error, runId: run.id }, 'saving output'),
    );
  }, 1000);
  try {
    const event = await insist(following, capture, async (answered) => {
      const ending = await followOnce(following, capture, answered);
      return eventOf(following, ending, capture);
    });
    await save();
    if (event !== undefined) await record(following, event);
  } finally {
    clearInterval(saving);
  }
}

/**
 * Asks a host until it answers. Meanwhile the log says since when the link is lost, and after a while that the outcome is
 * unknown; `answered` is what an attempt calls once the host is there again.
 */
async function insist<T>(
  following: Following,
  capture: Capture,
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
  while (!signal.aborted) {
    try {
      const answer = await attempt(answered);
      await answered();
      return answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof OperatorError)) throw error;
      const { message } = error;
      lostAtMs ??= Date.now();
      reason = 'the link to the host was lost';
      await appendIfOpen(following, { type: 'LinkLost', at: now(), work, reason: message });
      if (Date.now() - lostAtMs >= patience.silentMs) {
        await appendIfOpen(following, { type: 'StepUnknown', at: now(), work, evidence: message });
      }
      await sleep(patience.retryMs);
      if (!isOpen(await store.load(run.id), work)) return undefined;
    }
  }
  return undefined;
}

type Ending =
  | remote.Outcome
  | { readonly type: 'notStarted'; readonly error: OperatorError }
  | { readonly type: 'timedOut'; readonly left: Awaited<ReturnType<typeof remote.abort>> };

/** One channel's worth of following, with the step's own deadline. */
async function followOnce(
  following: Following,
  capture: Capture,
  answered: () => Promise<void>,
): Promise<Ending> {
  const { worker, run, work, signal } = following;
  const step = stepOf(run, work.step);
  const state = hostStep(run, work);
  const target = targetOf(run.plan, work.host);
  const id = executionId(run.id, work);
  const late = new AbortController();
  const leftMs = Date.parse(state.startedAt ?? worker.now()) + step.timeoutMs - Date.now();
  const timer = setTimeout(() => late.abort(), Math.max(0, Math.min(leftMs, 2 ** 31 - 1)));
  const execution = { id, commands: state.commands ?? step.apply, note: noteOf(state) };
  let answering: Promise<void> | undefined;
  const follow = (until: AbortSignal): Promise<remote.Outcome> =>
    remote.follow(worker.ssh, target, execution, {
      fromByte: capture.kept().sizeBytes,
      onOutput: capture.add,
      onState: () => {
        answering ??= answered();
      },
      signal: until,
    });
  // An execution that has ended says so at once, without a word about its state before.
  const heard = async (outcome: Promise<remote.Outcome>): Promise<remote.Outcome> => {
    const known = await outcome;
    await answered();
    return known;
  };
  try {
    return await heard(follow(AbortSignal.any([signal, late.signal])));
  } catch (error) {
    if (signal.aborted) throw error;
    const there = await remote.peek(worker.ssh, target, id);
    if (!late.signal.aborted) {
      const never = error instanceof OperatorError && there.state === 'none';
      if (never && error.name === 'HostNotReady') return { type: 'notStarted', error };
      throw error;
    }
    // It may have ended in time, with nobody there to see it.
    if (there.state === 'exited') return await heard(follow(signal));
    const how = { graceMs: worker.patience.graceMs, become: run.plan.become };
    return { type: 'timedOut', left: await remote.abort(worker.ssh, target, id, how) };
  } finally {
    clearTimeout(timer);
    await answering;
  }
}

/** What the log should say about how the step ended, after a look at the state it left behind. */
async function eventOf(following: Following, ending: Ending, capture: Capture): Promise<RunEvent> {
  const { worker, work } = following;
  const tail = lastLines(capture.kept());
  const failed = ({ message, ...rest }: Judgement & { message: string }, shown = ''): RunEvent => ({
    type: 'StepFailed',
    at: worker.now(),
    work,
    tail: [tail, shown].filter((text) => text !== '').join('\n'),
    hint: '',
    reason: message,
    ...rest,
  });
  switch (ending.type) {
    case 'unknown':
      return { type: 'StepUnknown', at: worker.now(), work, evidence: ending.evidence };
    case 'notStarted':
      return failed(notStarted(ending.error));
    case 'timedOut':
      // With something alive it is not a failure that may be retried: a second start would meet the first.
      return ending.left.gone
        ? failed(timedOut(following))
        : { type: 'StepStopped', at: worker.now(), work, alive: [...ending.left.alive] };
    case 'exited': {
      const { message, ...rest } = await judge(following, ending);
      if (message !== undefined) return failed({ message, ...rest }, await evidenceOf(following));
      const { sizeBytes } = capture.kept();
      const sha256 = capture.sha256() ?? (await sha256OnHost(following));
      const { exit } = ending;
      return { type: 'StepSucceeded', at: worker.now(), work, tail, exit, sizeBytes, sha256 };
    }
  }
}

/** The hash of an output whose beginning another worker saw. */
async function sha256OnHost({ worker, run, work }: Following): Promise<string> {
  const words = ['sh', '-c', 'sha256sum <"$HOME/.hopscotch/$0/out"', executionId(run.id, work)];
  const target = targetOf(run.plan, work.host);
  const [answer] = await remote.probe(worker.ssh, target, [{ words }], { timeoutMs: 600_000 });
  return answer?.stdout.slice(0, 64) ?? '';
}

/** A step that is being stopped ends with the signal's exit code: then the stop reports what is left of it. */
function record(following: Following, event: RunEvent): Promise<void> {
  const { run } = following;
  const isWanted = (now: Run): boolean =>
    event.type !== 'StepFailed' ||
    (now.aborting === undefined && now.rollback?.at === run.rollback?.at);
  return appendIfOpen(following, event, isWanted);
}

async function appendIfOpen(
  { worker, run, work }: Following,
  event: RunEvent,
  also: (state: Run) => boolean = () => true,
): Promise<void> {
  await worker.store.append(run.id, (state) => {
    if (!isOpen(state, work) || !also(state)) return undefined;
    const { status, lostAt } = hostStep(state, work);
    if (event.type === 'LinkLost' && lostAt !== undefined) return undefined;
    if (event.type === 'StepUnknown' && status === 'unknown') return undefined;
    return event;
  });
}

const isOpen = (run: Run, work: Work): boolean =>
  isCurrent(run, work) && ['running', 'unknown'].includes(hostStep(run, work).status);
