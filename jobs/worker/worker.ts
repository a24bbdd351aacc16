import { WaitingError, type Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { openClock } from '../redis/clock.ts';
import { advanceRun } from '../redis/engine.ts';
import { leaveNewerLogs } from '../redis/newer-logs.ts';
import { inspectHosts } from './inspect-hosts.ts';
import { beatForWorkers } from '../redis/pulse.ts';
import { openOutputs } from '../redis/output.ts';
import {
  type InspectJob,
  InspectJob as LookJobSchema,
  type RunJob,
  RunJob as RunJobSchema,
  type StepJob,
  StepJob as StepJobSchema,
  type Queues,
  openQueues,
  openWorker,
} from '../redis/queue.ts';
import { openSsh } from '../ssh/ssh.ts';
import { doStepJob } from './steps.ts';
import { type RunStore, openRunStore } from '../redis/store.ts';
import { type StepWorker, usualPatience } from './step-worker.ts';

export interface RunningWorker {
  /** The BullMQ ids whose locks this process holds, by queue. */
  readonly owners: { readonly runs: string; readonly steps: string };
  /** Takes no new job, gives the jobs at hand back for another worker to follow, and closes. Steps on hosts go on. */
  readonly drain: () => Promise<void>;
}

interface Options {
  /** Opens one more connection to Redis. */
  readonly connect: () => Redis;
  readonly log: Logger;
  readonly patience?: StepWorker['patience'];
  /** How often every active run is looked at again, whatever was lost meanwhile. */
  readonly sweepMs?: number;
}

/** Starts the processors of the queues `runs` and `steps`. */
export function startWorker({
  connect,
  log,
  patience = usualPatience,
  sweepMs = 5000,
}: Options): RunningWorker {
  const redis = connect();
  const clock = openClock(redis);
  const { now } = clock;
  const queues = openQueues(redis);
  const store = openRunStore(redis, async (run) => {
    await queues.decide(run);
    await queues.card(run.id);
  });
  const ssh = openSsh({ log });
  const ending = new AbortController();
  const unlessNewer = leaveNewerLogs(log);
  const runs = openWorker<RunJob>(
    'runs',
    async (job) => {
      await clock.ready;
      const { run } = RunJobSchema.parse(job.data);
      await unlessNewer(run, () => advanceRun({ store, queues, now, log }, run));
    },
    { connection: connect(), log, concurrency: 20 },
  );
  const steps = openStepWorker(
    { store, ssh, outputs: openOutputs(redis), log, now, patience },
    { connection: connect(), ready: clock.ready, ending: ending.signal, unlessNewer },
  );
  const stopBeating = beatForWorkers(redis, clock);
  const stopSweeping = sweepRuns({ store, queues, log }, sweepMs);

  return {
    owners: { runs: runs.id, steps: steps.id },
    drain: async () => {
      stopSweeping();
      stopBeating();
      const closing: readonly Worker[] = [runs, steps];
      const closed = Promise.all(closing.map((worker) => worker.close()));
      ending.abort(new Error('the worker is shutting down'));
      await closed;
      await ssh.close();
      await queues.close();
      clock.close();
      redis.disconnect();
    },
  };
}

interface StepWorkerLife {
  readonly connection: Redis;
  /** No step is done before this is. */
  readonly ready: Promise<unknown>;
  /** Gives the jobs at hand back. */
  readonly ending: AbortSignal;
  readonly unlessNewer: ReturnType<typeof leaveNewerLogs>;
}

function openStepWorker(
  stepWorker: StepWorker,
  { connection, ready, ending, unlessNewer }: StepWorkerLife,
): Worker<StepJob | InspectJob> {
  const { ssh, log } = stepWorker;
  const steps = openWorker<StepJob | InspectJob>(
    'steps',
    async (job, token, signal) => {
      const either = AbortSignal.any([ending, ...(signal === undefined ? [] : [signal])]);
      await ready;
      if (job.data.do === 'look') return inspectHosts(ssh, LookJobSchema.parse(job.data).request);
      const step = StepJobSchema.parse(job.data);
      await unlessNewer(step.run, () => doStepJob(stepWorker, step, either));
      if (!either.aborted) return undefined;
      await job.moveToWait(token);
      throw new WaitingError();
    },
    { connection, log, concurrency: 200 },
  );
  // A worker that could not renew its lock may no longer be the only follower: another one takes over.
  steps.on('lockRenewalFailed', (jobs) => jobs.forEach((job) => steps.cancelJob(job, 'lock lost')));
  return steps;
}

interface Sweeping {
  readonly store: Pick<RunStore, 'active'>;
  readonly queues: Pick<Queues, 'decideAgain'>;
  readonly log: Logger;
}

/** Looks at every active run again and again, until what it answers is called. */
function sweepRuns({ store, queues, log }: Sweeping, everyMs: number): () => void {
  const sweep = async (): Promise<void> => {
    for (const run of await store.active()) await queues.decideAgain(run);
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.warn({ err: error }, 'looking at all active runs'));
  }, everyMs);
  return () => clearInterval(timer);
}
