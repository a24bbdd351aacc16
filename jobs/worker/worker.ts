import { WaitingError, type Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { openClock } from '../redis/clock.ts';
import {
  type RunEngine,
  advanceRun,
  advanceState,
  openDecidedStates,
  openRecentNames,
} from '../redis/engine.ts';
import { leaveNewerLogs } from '../redis/newer-logs.ts';
import { tidyDaily } from './housekeeping.ts';
import { inspectHosts } from './inspect-hosts.ts';
import { beatForWorkers } from '../redis/pulse.ts';
import { expireEarlierOutputs, openOutputs } from '../redis/output.ts';
import {
  type InspectJob,
  InspectJob as LookJobSchema,
  type RunJob,
  RunJob as RunJobSchema,
  type StepJob,
  StepJob as StepJobSchema,
  type Queues,
  decideJobVersion,
  openQueuedStore,
  openQueues,
} from '../redis/queue.ts';
import { openWorker } from '../redis/queues/open-worker.ts';
import { keepAnswer, openedInspection } from '../redis/inspect-request.ts';
import { openRedaction } from '../redis/seal/redacted-store.ts';
import { type Keeping, plainKeeping } from '../redis/seal/seal.ts';
import { openSsh } from '../ssh/ssh.ts';
import { type RestartWatch, watchRestarts } from './restarts.ts';
import { watchUnprobed } from './unprobed.ts';
import { openSavePace } from './save-pace.ts';
import { openDeciding } from './deciding.ts';
import { openPaced } from './paced.ts';
import type { Run } from '../run/run.ts';
import { doStepJob } from './steps.ts';
import type { RunStore } from '../redis/store.ts';
import { openUnbegun } from './unbegun.ts';
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
  /** How contents and outputs are kept. Absent: in plain, for a test. */
  readonly keeping?: Keeping;
  readonly patience?: StepWorker['patience'];
  /** How often every active run is looked at again, whatever was lost meanwhile. */
  readonly sweepMs?: number;
}

/** A card is not drawn more often, and its job would cost as much as a step. */
const cardsEachMs = 200;

/** Starts the processors of the queues `runs` and `steps`. */
export function startWorker({
  connect,
  log,
  keeping = plainKeeping,
  patience = usualPatience,
  sweepMs = 5000,
}: Options): RunningWorker {
  const redis = connect();
  const clock = openClock(redis);
  const { now } = clock;
  const queues = openQueues(redis);
  const moved = { redis, queues, keeping, log };
  const { store, cards, deciding } = openMovedStore(moved, (state) => engine.advance(state));
  const ssh = openSsh({ log });
  const ending = new AbortController();
  const unlessNewer = leaveNewerLogs(log);
  const restarts = watchRestarts(redis, { store, now });
  const engine = openEngine(
    { store, queues, now, log },
    { connect, redis, ready: clock.ready, restarts, unlessNewer },
  );
  const { runs } = engine;
  const [outputs, redact] = [openOutputs(redis, keeping), openRedaction(keeping)];
  const unbegun = openUnbegun();
  redis.on('close', unbegun.forget);
  const steps = openStepWorker(
    { store, ssh, outputs, redact, pace: openSavePace(), unbegun, log, now, patience },
    { connect, redis, keeping, ready: clock.ready, ending: ending.signal, unlessNewer },
  );
  expireEarlierOutputs(redis, keeping).catch((error: unknown) =>
    log.warn({ err: error }, 'letting go of earlier outputs'),
  );
  const stopBeating = beatForWorkers(redis, clock);
  const unprobed = watchUnprobed({ redis, store, now });
  const stopSweeping = sweepRuns({ store, queues, log, restarts, unprobed }, sweepMs);
  const stopTidying = tidyDaily({ redis, store, ssh, log });

  return {
    owners: { runs: runs.id, steps: steps.id },
    drain: async () => {
      stopSweeping();
      stopTidying();
      stopBeating();
      const closing: readonly Worker[] = [runs, steps];
      const closed = Promise.all(closing.map((worker) => worker.close()));
      ending.abort(new Error('the worker is shutting down'));
      await closed;
      await deciding.settled();
      await cards.flush().catch(() => {});
      await ssh.close();
      await queues.close();
      clock.close();
      redis.disconnect();
    },
  };
}

interface DecidingLife extends Pick<StepWorkerLife, 'connect' | 'redis' | 'ready' | 'unlessNewer'> {
  readonly restarts: RestartWatch;
}

interface MovedStore {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly keeping: Keeping;
  readonly log: Logger;
}

/** A store whose news this process decides about itself. */
function openMovedStore(
  { redis, queues, keeping, log }: MovedStore,
  advance: DecidingEngine['advance'],
) {
  const cards = openPaced(queues.card, {
    everyMs: cardsEachMs,
    failed: (error) => log.warn({ err: error }, 'asking for messages'),
  });
  const deciding = openDeciding(advance, { again: queues.decideAgain, log });
  const news = { ...queues, card: cards.ask, decide: deciding.decide };
  const store = openQueuedStore(redis, news, keeping);
  return { store, cards, deciding };
}

interface DecidingEngine {
  /** Decides on a state that this process has just met. */
  readonly advance: (state: Run) => Promise<unknown>;
  /** Takes what others ask to be decided. */
  readonly runs: Worker<RunJob>;
}

function openEngine(
  engine: RunEngine,
  { connect, redis, ready, restarts, unlessNewer }: DecidingLife,
): DecidingEngine {
  const isNew = openRecentNames();
  const decided = openDecidedStates();
  // A store that comes back may have gone back.
  redis.on('close', () => decided.forget());
  const runs = openWorker<RunJob>(
    'runs',
    async (job) => {
      await ready;
      const { run } = RunJobSchema.parse(job.data);
      await restarts.noticed();
      // A look that was asked for because nothing was heard asks for everything.
      if (job.name === 'again') return unlessNewer(run, () => advanceRun(engine, run, { decided }));
      if (decided.covers({ id: run, version: decideJobVersion(job.id ?? '') })) return undefined;
      return unlessNewer(run, () => advanceRun(engine, run, { isNew, decided }));
    },
    { connection: connect(), log: engine.log, concurrency: 20 },
  );
  const advance = async (state: Run): Promise<unknown> => {
    await ready;
    await restarts.noticed();
    if (decided.covers(state)) return undefined;
    return unlessNewer(state.id, () => advanceState(engine, state, { isNew, decided }));
  };
  return { runs, advance };
}

interface StepWorkerLife {
  readonly connect: () => Redis;
  readonly redis: Redis;
  readonly keeping: Keeping;
  /** No step is done before this is. */
  readonly ready: Promise<unknown>;
  /** Gives the jobs at hand back. */
  readonly ending: AbortSignal;
  readonly unlessNewer: ReturnType<typeof leaveNewerLogs>;
}

function openStepWorker(
  stepWorker: StepWorker,
  { connect, redis, keeping: { seal }, ready, ending, unlessNewer }: StepWorkerLife,
): Worker<StepJob | InspectJob> {
  const { ssh, log } = stepWorker;
  const steps = openWorker<StepJob | InspectJob>(
    'steps',
    async (job, token, signal) => {
      const either = AbortSignal.any([ending, ...(signal === undefined ? [] : [signal])]);
      await ready;
      if (job.data.do === 'look') {
        const { id, request } = LookJobSchema.parse(job.data);
        const answer = await inspectHosts(ssh, openedInspection(seal, id, request));
        return keepAnswer({ redis, seal }, id, answer);
      }
      const step = StepJobSchema.parse(job.data);
      await unlessNewer(step.run, () => doStepJob(stepWorker, step, either));
      if (!either.aborted) return undefined;
      // Whoever has lost the lock has nothing to give back.
      if (signal?.aborted !== true) await job.moveToWait(token);
      throw new WaitingError();
    },
    { connection: connect(), log, concurrency: 200 },
  );
  // A worker that could not renew its lock may no longer be the only follower: another one takes over.
  steps.on('lockRenewalFailed', (jobs) => jobs.forEach((job) => steps.cancelJob(job, 'lock lost')));
  return steps;
}

interface Sweeping {
  readonly store: Pick<RunStore, 'active'>;
  readonly queues: Pick<Queues, 'decideAgain'>;
  readonly log: Logger;
  readonly restarts: RestartWatch;
  readonly unprobed: (run: string) => Promise<void>;
}

/** Looks at every active run again and again, until what it answers is called. */
function sweepRuns(
  { store, queues, log, restarts, unprobed }: Sweeping,
  everyMs: number,
): () => void {
  const sweep = async (): Promise<void> => {
    await restarts.look();
    for (const run of await store.active()) {
      await queues.decideAgain(run);
      // The log of one run may be broken, or of a newer version.
      await unprobed(run).catch(() => {});
    }
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.warn({ err: error }, 'looking at all active runs'));
  }, everyMs);
  return () => clearInterval(timer);
}
