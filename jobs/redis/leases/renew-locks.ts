import type { Redis } from 'ioredis';
import { lockMs, queuePrefix } from './job-locks.ts';
import { renewLocksLua } from './scripts/embedded.ts';

/** A loop that does not turn for so long will not turn again: its work is given to others. */
const deadMs = 60_000;

/** Answers whether an event loop still turns, by a count that it lets grow. */
export function watchTurns(): (count: number, nowMs: number) => boolean {
  let last: { readonly count: number; readonly atMs: number } | undefined;
  return (count, nowMs) => {
    if (count !== last?.count) last = { count, atMs: nowMs };
    return nowMs - last.atMs < deadMs;
  };
}

/** So many turns of the event loop a job may be ours in Redis before the process has it in hand, or after. */
const graceTurns = 3;

/** Of one owner's jobs in Redis, those that nobody here works on: their locks have to run out. */
export type AbandonedJobs = (
  owner: string,
  mine: readonly string[],
  now: { readonly inHand: ReadonlySet<string>; readonly turns: number },
) => string[];

/**
 * A Redis that was put back to an earlier state gives us jobs that we ended since: their locks would be renewed for ever, and
 * nobody would do them. While the loop does not turn, nothing is abandoned: it could not have taken in hand what it was given.
 */
export function watchAbandoned(): AbandonedJobs {
  const idleSince = new Map<string, Map<string, number>>();
  return (owner, mine, { inHand, turns }) => {
    const before = idleSince.get(owner) ?? new Map<string, number>();
    const idle = mine.filter((job) => !inHand.has(job));
    const since = new Map(idle.map((job) => [job, before.get(job) ?? turns]));
    idleSince.set(owner, since);
    return idle.filter((job) => turns - (since.get(job) ?? turns) >= graceTurns);
  };
}

/**
 * Renews every lock of a job whose token begins with its owner's id, whether its process has heard yet that it has the job or
 * not, but for abandoned ones, and answers all these jobs. A lock that has run out, or is another's by now, stays as it is.
 */
export async function renewLocks(
  redis: Pick<Redis, 'eval'>,
  queue: string,
  owner: string,
  abandoned: readonly string[] = [],
): Promise<string[]> {
  const base = `${queuePrefix}:${queue}:`;
  const keys = [`${base}active`, `${base}stalled`];
  const mine = await redis.eval(
    renewLocksLua,
    keys.length,
    ...keys,
    base,
    `${owner}:`,
    lockMs,
    ...abandoned,
  );
  // What our own script answers; the thread loads no more than it needs.
  return Array.isArray(mine) ? mine.map(String) : [];
}
