// What a process holds in Redis stays its own while its event loop is busy: a thread renews it that does nothing else.
import type { Logger } from 'pino';
import { startThread } from '../../threads/start-thread.ts';
import type { QueueName } from '../queues/open-queue.ts';
import type { RedisConnection } from '../reach/url.ts';
import { jobsInHand } from './jobs-in-hand.ts';

/** What the thread is told when it starts. */
export interface KeptLocks {
  readonly where: RedisConnection;
  /** The ids that BullMQ's locks of this process begin with, by queue. */
  readonly owners: Readonly<Partial<Record<QueueName, string>>>;
  /** Whether this process is a worker, whose beat says that one is alive. */
  readonly beats: boolean;
  /** Grows as long as the event loop turns. */
  readonly turns: Int32Array<SharedArrayBuffer>;
}

/** The ids of the jobs that this process works on now, by the id of their owner; told to the thread at each turn. */
export type JobsByOwner = Readonly<Record<string, readonly string[]>>;

export interface LockKeeping {
  /** Resolves once the locks were renewed for the first time. */
  readonly begun: Promise<void>;
  readonly stop: () => Promise<unknown>;
}

/**
 * Renews the locks of this process from a thread. A process that is stopped stops its thread
 * too, and a loop that does not turn for a minute counts as dead: then others take over as soon as the locks have run out.
 */
export function keepLocks(
  { where, owners, beats }: Omit<KeptLocks, 'turns'>,
  log: Logger,
): LockKeeping {
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const told: KeptLocks = { where, owners, beats, turns };
  const thread = startThread(new URL('./keep-locks-thread', import.meta.url), told);
  const turning = setInterval(() => {
    thread.postMessage(
      Object.fromEntries(Object.values(owners).map((owner) => [owner, [...jobsInHand(owner)]])),
    );
    Atomics.add(turns, 0, 1);
  }, 1000);
  // BullMQ renews from the event loop as well: without the thread that has to do.
  thread.on('error', (error) => log.error({ err: error }, 'renewing locks'));
  const begun = new Promise<void>((resolve) => thread.once('message', () => resolve()));
  thread.unref();
  turning.unref();
  return {
    begun,
    stop: () => {
      clearInterval(turning);
      return thread.terminate();
    },
  };
}
