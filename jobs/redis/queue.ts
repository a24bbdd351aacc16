import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Decision } from '../run/decide.ts';
import { Work, executionId } from '../run/events.ts';
import { archivedStore } from './archive/archived-store.ts';
import { openRedaction, redactedStore } from './seal/redacted-store.ts';
import type { Keeping } from './seal/seal.ts';
import { askAgain, goneJobs, openQueue } from './queues/open-queue.ts';
import { type RunStore, openRunStore } from './store.ts';
import { openNeeds } from '../run/needs/needs.ts';
import type { Run } from '../run/run.ts';

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

export function openQueues(redis: Redis): Queues {
  const runs = openQueue<RunJob>('runs', redis);
  const steps = openQueue<StepJob>('steps', redis);
  const cards = openQueue<RunJob>('cards', redis);
  const wakes = openQueue<RunJob>('wakes', redis);
  return {
    decide: async ({ id, version }) => {
      await runs.add('decide', { run: id }, { ...goneJobs, jobId: decideJobId({ id, version }) });
    },
    decideAgain: async (run) => {
      await askAgain(runs, run);
    },
    step: async (run, ...decisions) => {
      const jobs = decisions.map((decision) => {
        const data = StepJob.parse({ run, ...decision });
        return { name: data.do, data, opts: { ...goneJobs, jobId: stepJobId(data) } };
      });
      await steps.addBulk(jobs);
    },
    card: async (run) => {
      await cards.add(
        'card',
        { run },
        { ...goneJobs, deduplication: { id: `card-${run}`, keepLastIfActive: true } },
      );
    },
    wake: async (run) => {
      await wakes.add(
        'wake',
        { run },
        { ...goneJobs, deduplication: { id: `wake-${run}`, keepLastIfActive: true } },
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

/** Options that every connection shares: a worker's blocking reads must wait for as long as Redis is away. */
export const patientRedis = { maxRetriesPerRequest: null } as const;
