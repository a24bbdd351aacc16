import { command } from '../handlers/command.ts';
import { OperatorError } from '../handlers/errors.ts';
import { type RunEvent, type Work, executionId } from './events.ts';
import { type Capture, lastLines, openCapture } from './output.ts';
import { handlerOf } from './plan.ts';
import * as remote from './remote.ts';
import { type Run, hostStep, isCurrent, stepOf } from './run.ts';
import {
  type StepWorker,
  commandLine,
  explained,
  noteOf,
  probe,
  sleep,
  targetOf,
} from './steps.ts';

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
    const ending = await untilKnown(following, capture);
    await save();
    if (ending !== undefined) await record(following, ending, capture);
  } finally {
    clearInterval(saving);
  }
}

type Ending =
  | remote.Outcome
  | { readonly type: 'timedOut'; readonly left: Awaited<ReturnType<typeof remote.abort>> };

async function untilKnown(following: Following, capture: Capture): Promise<Ending | undefined> {
  const { worker, run, work, signal } = following;
  const { store, now, patience } = worker;
  let reason = following.attachesBecause;
  let lostAtMs: number | undefined;
  const attached = async (): Promise<void> => {
    if (reason === undefined) return;
    const event: RunEvent = {
      type: 'Reattached',
      at: now(),
      work,
      fromByte: capture.kept().sizeBytes,
      reason,
    };
    reason = undefined;
    lostAtMs = undefined;
    await appendIfOpen(following, event);
  };
  while (!signal.aborted) {
    try {
      return await followOnce(following, capture, attached);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof OperatorError)) throw error;
      lostAtMs ??= Date.now();
      reason = 'the link to the host was lost';
      await appendIfOpen(following, { type: 'LinkLost', at: now(), work, reason: error.message });
      if (Date.now() - lostAtMs >= patience.silentMs) {
        await appendIfOpen(following, {
          type: 'StepUnknown',
          at: now(),
          work,
          evidence: error.message,
        });
      }
      await sleep(patience.retryMs);
      if (!isOpen(await store.load(run.id), work)) return undefined;
    }
  }
  return undefined;
}

/** One channel's worth of following, with the step's own deadline. */
async function followOnce(
  following: Following,
  capture: Capture,
  attached: () => Promise<void>,
): Promise<Ending> {
  const { worker, run, work, signal } = following;
  const step = stepOf(run, work.step);
  const state = hostStep(run, work);
  const target = targetOf(run.plan, work.host);
  const id = executionId(run.id, work);
  const late = new AbortController();
  const leftMs = Date.parse(state.startedAt ?? worker.now()) + step.timeoutMs - Date.now();
  const timer = setTimeout(() => late.abort(), Math.max(0, Math.min(leftMs, 2 ** 31 - 1)));
  try {
    return await remote.follow(
      worker.ssh,
      target,
      { id, commands: state.commands ?? step.apply, note: noteOf(state) },
      {
        fromByte: capture.kept().sizeBytes,
        onOutput: capture.add,
        onState: () => void attached(),
        signal: AbortSignal.any([signal, late.signal]),
      },
    );
  } catch (error) {
    if (!late.signal.aborted || signal.aborted) throw error;
    const left = await remote.abort(worker.ssh, target, id, {
      graceMs: worker.patience.graceMs,
      become: run.plan.become,
    });
    return { type: 'timedOut', left };
  } finally {
    clearTimeout(timer);
  }
}

/** Records how the step ended, after looking at the state it left behind. */
async function record(following: Following, ending: Ending, capture: Capture): Promise<void> {
  const { worker, run, work } = following;
  const at = worker.now();
  if (ending.type === 'unknown') {
    await appendIfOpen(following, { type: 'StepUnknown', at, work, evidence: ending.evidence });
    return;
  }
  if (ending.type === 'timedOut' && !ending.left.gone) {
    // Not a failure that may be retried: what still runs would meet its second start.
    await appendIfOpen(following, { type: 'StepStopped', at, work, alive: [...ending.left.alive] });
    return;
  }
  const tail = lastLines(capture.kept());
  const { message, hint, ...failure } =
    ending.type === 'timedOut' ? timedOut(following) : await judge(following, ending);
  if (message !== undefined) {
    const event: RunEvent = {
      type: 'StepFailed',
      at,
      work,
      tail,
      reason: message,
      hint: hint ?? '',
      ...failure,
    };
    // A step that is being stopped ends with the signal's exit code: the stop reports what is left of it.
    await appendIfOpen(
      following,
      event,
      (state) => state.aborting === undefined && state.rollback?.at === run.rollback?.at,
    );
    return;
  }
  const { sizeBytes } = capture.kept();
  const sha256 = capture.sha256() ?? (await sha256OnHost(following));
  await appendIfOpen(following, { type: 'StepSucceeded', at, work, tail, sizeBytes, sha256 });
}

/** The hash of an output whose beginning another worker saw. */
async function sha256OnHost({ worker, run, work }: Following): Promise<string> {
  const script = 'sha256sum <"$HOME/.hopscotch/$0/out"';
  const line = command(['sh', '-c', script, executionId(run.id, work)]);
  const [answer] = await remote.probe(worker.ssh, targetOf(run.plan, work.host), [line], {
    timeoutMs: 600_000,
  });
  return answer?.stdout.slice(0, 64) ?? '';
}

interface Judgement {
  /** Why it failed; absent when it did not. */
  readonly message?: string;
  readonly hint?: string;
  readonly command?: string;
  readonly exit?: number;
}

async function judge(
  { worker, run, work }: Following,
  outcome: Extract<remote.Outcome, { type: 'exited' }>,
): Promise<Judgement> {
  const step = stepOf(run, work.step);
  const state = hostStep(run, work);
  const commands = state.commands ?? step.apply;
  const ended = commands[outcome.at];
  const isOk = (ended?.okExits ?? [0]).includes(outcome.exit) && outcome.at === commands.length - 1;
  if (!isOk) {
    return {
      message: `${step.title} on ${work.host}: exit ${outcome.exit}`,
      hint: 'look at the output; then retry, skip with a reason, or roll back',
      exit: outcome.exit,
      ...(ended === undefined ? {} : { command: commandLine(ended) }),
    };
  }
  try {
    const found = await probe(worker, run, work);
    const handler = handlerOf(step);
    const isRight =
      work.phase === 'apply'
        ? handler.isDone(found, state.before) !== false
        : handler.isRestored(hostStep(run, { ...work, phase: 'apply' }).before, found);
    if (isRight) return {};
    return {
      message: `${step.title} on ${work.host}: every command ended well, but the state is not what it should be`,
      hint: 'compare the output with the host; then retry, skip with a reason, or roll back',
    };
  } catch (error) {
    return explained(error);
  }
}

function timedOut({ run, work }: Following): Judgement {
  const step = stepOf(run, work.step);
  return {
    message: `${step.title} on ${work.host}: not done within ${step.timeoutMs / 1000} s, so its process group was ended`,
    hint: 'find out what it waits for, or give the step a longer timeout in the runbook',
  };
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
