import {
  type Job,
  type JobsOptions,
  Queue,
  Worker,
  type Processor,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { jobsInHand } from './leases/jobs-in-hand.ts';
import { maskSecrets } from '../../handlers/redaction/redact.ts';
import type { Decision } from '../run/decide.ts';
import { Work, executionId } from '../run/events.ts';
import { archivedStore } from './archive/archived-store.ts';
import { openRedaction, redactedStore } from './seal/redacted-store.ts';
import type { Keeping } from './seal/seal.ts';
import { type RunStore, openRunStore } from './store.ts';
import { activeRunsKey } from './lock.ts';
import { sayRefusal } from './reach/connection.ts';
import { openNeeds } from '../run/needs/needs.ts';
import type { Run } from '../run/run.ts';

/** BullMQ's key prefix; queue names are short because BullMQ puts it in front. */
export const queuePrefix = 'hopscotch:queue';

export const QueueName = z.enum(['runs', 'steps', 'cards', 'wakes', 'presses']);
export type QueueName = z.infer<typeof QueueName>;

/** One job for a host: look at it, follow its work, or stop its work. */
export const StepJob = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('check'), run: z.string(), host: z.string() }),
  z.strictObject({ do: z.literal('recall'), run: z.string(), host: z.string() }),
  z.strictObject({ do: z.literal('start'), run: z.string(), work: Work }),
  z.strictObject({ do: z.literal('stop'), run: z.string(), work: Work }),
]);
export type StepJob = z.infer<typeof StepJob>;

/** A job of the same queue that belongs to no run. */
export const InspectJob = z.strictObject({
  do: z.literal('look'),
  id: z.string(),
  /** An `InspectRequest` as JSON, sealed for `inspectionPlace`. */
  request: z.string(),
});
export type InspectJob = z.infer<typeof InspectJob>;

export const RunJob = z.strictObject({ run: z.string() });
export type RunJob = z.infer<typeof RunJob>;

/** A decision that a job carries out. */
export type StepDecision = Extract<Decision, { do: StepJob['do'] }>;

export interface Queues {
  /** Asks for a decision about this state of the run. Asking twice about the same state is asking once. */
  readonly decide: (run: Pick<Run, 'id' | 'version'>) => Promise<void>;
  /** Asks for another look at a run whose state did not change, such as one that nothing was heard of for a while. */
  readonly decideAgain: (run: string) => Promise<void>;
  readonly step: (run: string, ...decisions: readonly StepDecision[]) => Promise<void>;
  /** Asks for the run's messages to be brought up to date: one job under way and at most one waiting. */
  readonly card: (run: string) => Promise<void>;
  /** Has those woken whom the run needs. */
  readonly wake: (run: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const decideJobId = ({ id, version }: Pick<Run, 'id' | 'version'>): string =>
  `decide-${id}-${version}`;

/** The state that such a job is about. */
export const decideJobVersion = (jobId: string): number =>
  Number(jobId.slice(jobId.lastIndexOf('-') + 1));

/** Finished jobs go at once: the event log says what happened, and the same id must be free for the next attempt. */
const gone: JobsOptions = { removeOnComplete: true, removeOnFail: true };

export function openQueues(redis: Redis): Queues {
  const runs = openQueue<RunJob>('runs', redis);
  const steps = openQueue<StepJob>('steps', redis);
  const cards = openQueue<RunJob>('cards', redis);
  const wakes = openQueue<RunJob>('wakes', redis);
  return {
    decide: async ({ id, version }) => {
      await runs.add('decide', { run: id }, { ...gone, jobId: decideJobId({ id, version }) });
    },
    decideAgain: async (run) => {
      await runs.add('again', { run }, { ...gone, jobId: `again-${run}` });
    },
    step: async (run, ...decisions) => {
      const jobs = decisions.map((decision) => {
        const data = StepJob.parse({ run, ...decision });
        return { name: data.do, data, opts: { ...gone, jobId: stepJobId(data) } };
      });
      await steps.addBulk(jobs);
    },
    card: async (run) => {
      await cards.add(
        'card',
        { run },
        { ...gone, deduplication: { id: `card-${run}`, keepLastIfActive: true } },
      );
    },
    wake: async (run) => {
      await wakes.add(
        'wake',
        { run },
        { ...gone, deduplication: { id: `wake-${run}`, keepLastIfActive: true } },
      );
    },
    close: async () => {
      await Promise.all([runs.close(), steps.close(), cards.close(), wakes.close()]);
    },
  };
}

/** Who is told of what is new in a run. */
export interface NewsOfRuns extends Pick<Queues, 'wake' | 'card'> {
  readonly decide: (run: Run) => unknown;
}

/** A store that has every new event decided about and shown, and shows no secret in its words. */
export function openQueuedStore(redis: Redis, queues: NewsOfRuns, keeping: Keeping): RunStore {
  const store = openRunStore(
    redis,
    async (run) => {
      const isNeeded = openNeeds(run).length > 0;
      await Promise.all([
        ...(isNeeded ? [queues.wake(run.id)] : []),
        queues.decide(run),
        queues.card(run.id),
      ]);
    },
    keeping,
  );
  const { archive } = keeping;
  const whole = archive === undefined ? store : archivedStore(redis, store, archive);
  return redactedStore(whole, openRedaction(keeping));
}

/** The job's id says what it does, so that deciding the same twice enqueues it once. */
export function stepJobId(job: StepJob): string {
  return job.do === 'check' || job.do === 'recall'
    ? `${job.do}-${job.run}-${job.host}`
    : `${job.do}-${executionId(job.run, job.work)}`;
}

export function openQueue<T>(name: QueueName, connection: Redis): Queue<T> {
  const queue = new Queue<T>(name, { connection, prefix: queuePrefix });
  // The connection's own listener reports what goes wrong; without one here the process would end.
  queue.on('error', () => {});
  return queue;
}

/**
 * How long a job stays with a process that has ended, or that was stopped, before another one may take it. It is renewed every
 * second, and who looks for lost jobs does so every second: so it is followed again within five, without a supervisor.
 */
export const lockMs = 4400;

/**
 * A worker whose job is given to another within seconds when its process dies. A job that is run again follows what it
 * started before, so it may be given back any number of times.
 */
export function openWorker<T>(
  name: QueueName,
  processor: Processor<T>,
  {
    connection,
    log,
    ...options
  }: { connection: Redis; log: Logger } & Pick<WorkerOptions, 'concurrency' | 'autorun'>,
): Worker<T> {
  // BullMQ counts the parameters: one that does not name the signal is never told that its lock is lost.
  const guarded: Processor<T> = async (job, token, signal) => {
    const inHand = jobsInHand(worker.id);
    const { id = '' } = job;
    inHand.add(id);
    return processor(job, token, signal)
      .catch(withoutSecrets)
      .finally(() => inHand.delete(id));
  };
  const worker = new PatientWorker<T>(name, guarded, {
    ...options,
    connection,
    prefix: queuePrefix,
    // Beside BullMQ, which renews it from the event loop, a thread does (`leases/keep-locks.ts`): this one notices what was lost.
    lockDuration: lockMs,
    stalledInterval: 1000,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('error', (error) => sayRefusal(log, error, { queue: name }));
  worker.on('failed', (job, error) =>
    log.warn({ err: error, queue: name, job: job?.id }, 'job ended early'),
  );
  return worker;
}

/** BullMQ keeps the message of an error with its job. */
function withoutSecrets(error: unknown): never {
  if (error instanceof Error) {
    error.message = maskSecrets(error.message);
    error.stack = maskSecrets(error.stack ?? '');
  }
  throw error;
}

/** Waits between two attempts to take a job that Redis refused: BullMQ alone would ask thousands of times a second. */
class PatientWorker<T> extends Worker<T> {
  #pauseMs = 0;

  protected override async moveToActive(token: string, name?: string): Promise<Job<T>> {
    try {
      const job = await super.moveToActive(token, name);
      this.#pauseMs = 0;
      return job;
    } catch (error) {
      this.#pauseMs = Math.min(Math.max(200, this.#pauseMs * 2), 3000);
      // Not longer than a drain may take.
      if (this.closing === undefined) await this.delay(this.#pauseMs);
      throw error;
    }
  }
}

/**
 * Gives the jobs of a dead worker process back to the queue at once. `owner` is the worker's id, which its locks begin
 * with. Answers how many there were.
 */
export async function giveBackJobs(name: QueueName, redis: Redis, owner: string): Promise<number> {
  const queue = openQueue(name, redis);
  try {
    const active = await queue.getActive();
    const given = await Promise.all(
      active.map(async (job) => {
        const token = await redis.get(`${queuePrefix}:${name}:${job.id}:lock`);
        if (token === null || !token.startsWith(`${owner}:`)) return false;
        // Another worker may take it in the same moment, when its lock has just run out.
        return job.moveToWait(token).then(
          () => true,
          () => false,
        );
      }),
    );
    return given.filter((isGiven) => isGiven).length;
  } finally {
    await queue.close();
  }
}

/** Has a look asked for at every active run: what a dead worker process had not decided yet, another one does. */
export async function decideAllAgain(redis: Redis): Promise<void> {
  const queues = openQueues(redis);
  try {
    for (const run of await redis.smembers(activeRunsKey)) await queues.decideAgain(run);
  } finally {
    await queues.close();
  }
}

/** Options that every connection shares: a worker's blocking reads must wait for as long as Redis is away. */
export const patientRedis = { maxRetriesPerRequest: null } as const;
