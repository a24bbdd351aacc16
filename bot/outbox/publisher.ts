import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Queues, RunJob } from '../../jobs/redis/queue.ts';
import { openWorker } from '../../jobs/redis/queues/open-worker.ts';
import { isErrorNamed } from '../../handlers/contract/errors.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { leaveNewerLogs } from '../../jobs/redis/newer-logs.ts';
import type { Outbox } from './outbox.ts';
import { type RunPublisher, isNews, publishRun } from './publish.ts';
import { wakePeople } from './wake.ts';

export interface PublisherOptions {
  readonly connection: Redis;
  readonly queues: Pick<Queues, 'card' | 'wake'>;
  readonly sweepMs?: number;
}

/** Takes jobs of the `cards` queue, and every 15 seconds has a look at every run, so that no message hangs on one job. */
export function startPublisher(
  publisher: RunPublisher,
  { connection, queues, sweepMs = 15_000 }: PublisherOptions,
): { readonly id: string; readonly close: () => Promise<void> } {
  const { log } = publisher;
  const unlessNewer = leaveNewerLogs(log);
  const pace = openPublishPace();
  const worker: Worker<RunJob> = openWorker<RunJob>(
    'cards',
    async (job) => {
      const { run } = RunJob.parse(job.data);
      const events = await unlessNewer(run, () => eventsOf(publisher, run));
      if (events === undefined) return;
      const waitMs = pace.waitMs(run, events);
      if (waitMs > 0) return askAgain(run, waitMs);
      const beganMs = performance.now();
      const againInMs = await unlessNewer(run, () => publishAndWake(publisher, run)).finally(() =>
        pace.looked(run, { count: events.length, tookMs: performance.now() - beganMs }),
      );
      if (againInMs !== undefined) askAgain(run, againInMs);
    },
    { connection, log, concurrency: 8 },
  );
  // Ahead of all else, so with workers of its own; it waits for nobody's round.
  const alarms: Worker<RunJob> = openWorker<RunJob>(
    'wakes',
    async (job) => {
      const { run } = RunJob.parse(job.data);
      await unlessNewer(run, () => wakeUntilSaid(publisher, run));
    },
    { connection, log, concurrency: 8 },
  );
  // Not as a delayed job: that would come due by the clock of whoever takes it. The sweep stands in for a process that dies.
  const waiting = new Map<string, NodeJS.Timeout>();
  function askAgain(run: string, inMs: number): void {
    clearTimeout(waiting.get(run));
    const ask = (): void => {
      waiting.delete(run);
      queues
        .card(run)
        .catch((error: unknown) => log.warn({ err: error, runId: run }, 'asking for messages'));
    };
    waiting.set(run, setTimeout(ask, inMs));
  }
  const sweeping = setInterval(() => {
    publishRecentRuns(publisher, queues).catch((error: unknown) =>
      log.warn({ err: error }, 'looking for messages that are not up to date'),
    );
  }, sweepMs);
  return {
    id: worker.id,
    close: async () => {
      clearInterval(sweeping);
      for (const timer of waiting.values()) clearTimeout(timer);
      await Promise.all([worker.close(), alarms.close()]);
    },
  };
}

async function publishAndWake(publisher: RunPublisher, run: string): Promise<number | undefined> {
  const again = [await publishRun(publisher, run), await wakePeople(publisher, run)];
  const left = again.filter((ms) => ms !== undefined);
  return left.length === 0 ? undefined : Math.min(...left);
}

/** How long one job tries; then the next round of the run's messages does. */
const wakingMs = 20_000;

async function wakeUntilSaid(publisher: RunPublisher, run: string): Promise<undefined> {
  const untilMs = performance.now() + wakingMs;
  for (;;) {
    const againInMs = await wakePeople(publisher, run);
    if (againInMs === undefined || performance.now() + againInMs > untilMs) return undefined;
    await new Promise((done) => setTimeout(done, againInMs));
  }
}

/** A log that is broken is for the publishing to say. */
async function eventsOf({ store }: RunPublisher, run: string): Promise<readonly RunEvent[]> {
  try {
    return await store.events(run);
  } catch (error) {
    if (isErrorNamed(error, 'BrokenLog')) return [];
    throw error;
  }
}

/** Between two looks at a run's messages where nothing happened that is shown at once. */
const pauseMs = 1000;

interface PublishPace {
  /** How long to wait before the next look; nothing where something happened since the last that is shown at once. */
  readonly waitMs: (run: string, events: readonly RunEvent[]) => number;
  readonly looked: (run: string, look: { readonly count: number; readonly tookMs: number }) => void;
}

/** A run in which much happens leaves the bot free for people, and Slack takes one change in three seconds. */
function openPublishPace(): PublishPace {
  const looks = new Map<string, { readonly nextMs: number; readonly count: number }>();
  return {
    waitMs: (run, events) => {
      const last = looks.get(run);
      if (last === undefined || events.slice(last.count).some(isNews)) return 0;
      return last.nextMs - performance.now();
    },
    looked: (run, { count, tookMs }) => {
      const nowMs = performance.now();
      for (const [other, { nextMs }] of looks) if (nextMs < nowMs) looks.delete(other);
      looks.set(run, { count, nextMs: nowMs + Math.max(pauseMs, 4 * tookMs) });
    },
  };
}

/** Asks for the messages of every active run, of those that ended within the last hour, and of those that owe some. */
export async function publishRecentRuns(
  { store, now, outbox }: Pick<RunPublisher, 'store' | 'now'> & { outbox: Pick<Outbox, 'owing'> },
  queues: Pick<Queues, 'card'>,
): Promise<void> {
  const active = await store.active();
  const others = (await store.recent(50)).filter((id) => !active.includes(id));
  const ended = await Promise.all(
    others.map(async (id) => {
      // The log of one run may be broken; the others still have messages.
      const run = await store.load(id).catch(() => undefined);
      return Date.parse(run?.ended?.at ?? '');
    }),
  );
  const fresh = others.filter((_id, index) => now() - (ended[index] ?? Number.NaN) < 3_600_000);
  for (const id of new Set([...active, ...fresh, ...(await outbox.owing())])) await queues.card(id);
}
