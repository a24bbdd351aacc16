import { pino } from 'pino';
import { type RunEngine, advanceRun } from '../../../jobs/redis/engine.ts';
import { mayWorkBegin } from '../../../jobs/run/decide.ts';
import { type RunEvent, type Work, executionId } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { StepJob } from '../../../jobs/redis/queue.ts';
import { type HostStep, type Run, hostStep, isCurrent } from '../../../jobs/run/run.ts';
import { after } from './events.ts';

/** What a host does with the job that is given to it. */
export type HostLuck =
  'good' | 'failed' | 'unreachable' | 'gone' | 'lost' | 'silent' | 'alive' | 'nothing';

/** One run in memory, carried out by the real engine on hosts that do as they are told. */
export interface PretendRun {
  readonly run: () => Run;
  readonly jobs: () => readonly StepJob[];
  readonly append: (event: RunEvent) => void;
  readonly advance: () => Promise<void>;
  /** Lets one job make its next move. */
  readonly work: (job: StepJob, luck: HostLuck) => void;
  /** Every job is lost, as when all workers and queues die. */
  readonly crash: () => void;
  readonly copy: () => PretendRun;
  readonly now: () => string;
}

/** `onEvent` is told of each event with the states before and after it. */
export function pretendRun(
  log: readonly RunEvent[],
  onEvent: (before: Run, event: RunEvent, now: Run) => void = () => {},
): PretendRun {
  const events = [...log];
  let run = frozen(fold(events));
  const jobs = new Map<string, StepJob>();
  const now = (): string => after(events.length);

  function append(event: RunEvent): void {
    const before = run;
    events.push(event);
    run = frozen(evolve(before, event));
    onEvent(before, event, run);
  }
  const engine: RunEngine = {
    store: {
      load: async () => run,
      append: async (_run, next) => {
        const event = next(run);
        if (event === undefined) return { run };
        append(event);
        return { run, event };
      },
    },
    queues: {
      step: async (id, ...decisions) => {
        for (const decision of decisions) {
          const job: StepJob = { run: id, ...decision };
          jobs.set(jobKey(job), job);
        }
      },
    },
    now,
    log: pino({ level: 'silent' }),
  };
  return {
    run: () => run,
    jobs: () => [...jobs.values()],
    append,
    advance: () => advanceRun(engine, run.id),
    work: (job, luck) => {
      const { event, isOver } = move(run, { job, luck, at: now() });
      if (event !== undefined) append(event);
      if (isOver) jobs.delete(jobKey(job));
    },
    crash: () => jobs.clear(),
    copy: () => pretendRun(events),
    now,
  };
}

const jobKey = (job: StepJob): string =>
  job.do === 'check' || job.do === 'recall'
    ? `${job.do} ${job.host}`
    : `${job.do} ${executionId(job.run, job.work)}`;

interface Move {
  readonly event?: RunEvent | undefined;
  /** Whether the job ends with it; else it goes on following its host. */
  readonly isOver: boolean;
}

interface Given<J extends StepJob = StepJob> {
  readonly job: J;
  readonly luck: HostLuck;
  readonly at: string;
}

/** As the step worker does: what happened is recorded only where the run still waits for it. */
function move(run: Run, { job, luck, at }: Given): Move {
  if (job.do === 'check') return check(run, { job, luck, at });
  if (job.do === 'recall') {
    const event: RunEvent = { type: 'HostRecalled', at, host: job.host, begun: [] };
    return { event, isOver: true };
  }
  const { work } = job;
  if (!isCurrent(run, work)) return { isOver: true };
  if (job.do === 'stop') return stop(run, { job, luck, at });
  const { status, lostAt } = hostStep(run, work);
  if (status === 'running' || (status === 'unknown' && lostAt !== undefined))
    return follow(run, { job, luck, at });
  return {
    event: mayWorkBegin(run, work) ? beginning(work, luck, at) : undefined,
    isOver: status !== 'pending' || luck !== 'good',
  };
}

function check(
  run: Run,
  { job: { host }, luck, at }: Given<Extract<StepJob, { do: 'check' }>>,
): Move {
  if (run.checks.has(host) || run.ended !== undefined) return { isOver: true };
  const event: RunEvent =
    luck === 'gone'
      ? { type: 'HostRefused', at, host, reason: 'no route', hint: 'look at its console' }
      : { type: 'HostReady', at, host, freeBytes: 1e9 };
  return { event, isOver: true };
}

function beginning(work: Work, luck: HostLuck, at: string): RunEvent {
  if (luck === 'nothing') return { type: 'StepUnchanged', at, work };
  if (luck === 'unreachable')
    return { type: 'StepFailed', at, work, reason: 'no route', hint: 'look', tail: '' };
  return { type: 'StepStarted', at, work, before: { found: at }, changes: '', commands: [] };
}

function follow(
  run: Run,
  { job: { work }, luck, at }: Given<Extract<StepJob, { do: 'start' }>>,
): Move {
  const { status, lostAt } = hostStep(run, work);
  switch (luck) {
    case 'good':
    case 'nothing':
      return lostAt === undefined
        ? {
            event: { type: 'StepSucceeded', at, work, tail: 'ok', sizeBytes: 2, sha256: 'f00d' },
            isOver: true,
          }
        : {
            event: { type: 'Reattached', at, work, fromByte: 0, reason: 'the link was lost' },
            isOver: false,
          };
    case 'failed': {
      // The stop says what is left of a step that is being ended.
      const isEnding =
        run.aborting !== undefined || (work.phase === 'apply' && run.rollback !== undefined);
      return {
        event: isEnding
          ? undefined
          : { type: 'StepFailed', at, work, reason: 'exit 1', hint: 'look', tail: '', exit: 1 },
        isOver: true,
      };
    }
    case 'gone':
      return lostAt === undefined
        ? {
            event:
              status === 'unknown'
                ? undefined
                : { type: 'StepUnknown', at, work, evidence: 'the host was restarted' },
            isOver: true,
          }
        : {
            event: { type: 'Reattached', at, work, fromByte: 0, reason: 'the link was lost' },
            isOver: false,
          };
    case 'alive':
      // Out of time, and more than a signal can end.
      return {
        event: { type: 'StepStopped', at, work, alive: [{ pid: 7, command: 'apt' }] },
        isOver: true,
      };
    case 'lost':
    case 'unreachable':
      return {
        event: lostAt === undefined ? { type: 'LinkLost', at, work, reason: 'reset' } : undefined,
        isOver: false,
      };
    case 'silent':
      return { event: noAnswer(hostStep(run, work), work, at), isOver: false };
  }
}

function stop(
  run: Run,
  { job: { work }, luck, at }: Given<Extract<StepJob, { do: 'stop' }>>,
): Move {
  const { status } = hostStep(run, work);
  if (status !== 'running' && status !== 'unknown') return { isOver: true };
  if (luck === 'lost' || luck === 'silent' || luck === 'unreachable')
    return { event: noAnswer(hostStep(run, work), work, at), isOver: false };
  const alive = luck === 'alive' ? [{ pid: 7, command: 'apt' }] : [];
  return { event: { type: 'StepStopped', at, work, alive }, isOver: true };
}

function noAnswer({ status, lostAt }: HostStep, work: Work, at: string): RunEvent | undefined {
  if (lostAt === undefined) return { type: 'LinkLost', at, work, reason: 'reset' };
  return status === 'unknown'
    ? undefined
    : { type: 'StepUnknown', at, work, evidence: 'no answer' };
}

/** Makes any change in place an error. */
function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
