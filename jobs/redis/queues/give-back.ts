// What a supervisor does for a process that died. It starts before all others, and loads nothing of runs.
import type { Redis } from 'ioredis';
import { queuePrefix } from '../leases/job-locks.ts';
import { activeRunsKey } from '../lock.ts';
import { type QueueName, askAgain, openQueue } from './open-queue.ts';

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
  const runs = openQueue<{ run: string }>('runs', redis);
  try {
    for (const run of await redis.smembers(activeRunsKey)) await askAgain(runs, run);
  } finally {
    await runs.close();
  }
}
