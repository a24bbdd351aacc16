import type { Redis } from 'ioredis';
import { lockMs, queuePrefix } from '../queue.ts';
import type { KeptLocks } from './keep-locks.ts';
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

/**
 * Renews every lock of a job whose token begins with its owner's id, whether its process has heard yet that it has the job or
 * not. A lock that has run out, or is another's by now, stays as it is.
 */
export async function renewLocks(
  redis: Pick<Redis, 'eval'>,
  owners: KeptLocks['owners'],
): Promise<void> {
  for (const [queue, owner] of Object.entries(owners)) {
    const base = `${queuePrefix}:${queue}:`;
    await redis.eval(
      renewLocksLua,
      2,
      `${base}active`,
      `${base}stalled`,
      base,
      `${owner}:`,
      lockMs,
    );
  }
}
