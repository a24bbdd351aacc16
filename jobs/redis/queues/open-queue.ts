import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { queuePrefix } from '../leases/job-locks.ts';

export const QueueName = z.enum(['runs', 'steps', 'cards', 'wakes', 'presses']);
export type QueueName = z.infer<typeof QueueName>;

export function openQueue<T>(name: QueueName, connection: Redis): Queue<T> {
  const queue = new Queue<T>(name, { connection, prefix: queuePrefix });
  // The connection's own listener reports what goes wrong; without one here the process would end.
  queue.on('error', () => {});
  return queue;
}

/** Finished jobs go at once: the event log says what happened, and the same id must be free for the next attempt. */
export const goneJobs: JobsOptions = { removeOnComplete: true, removeOnFail: true };

/** Asks for another look at a run whose state did not change. */
export async function askAgain(
  runs: Pick<Queue<{ readonly run: string }>, 'add'>,
  run: string,
): Promise<void> {
  await runs.add('again', { run }, { ...goneJobs, jobId: `again-${run}` });
}
