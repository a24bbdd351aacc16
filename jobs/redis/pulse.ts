import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { LogClock } from './clock.ts';

const key = 'hopscotch:workers:beat';
const beatMs = 2000;
/** Without a beat for so long, no worker is alive: far more than a busy or restarted one takes. */
const deadMs = 15_000;

/** Says again and again that a worker is alive, until what it answers is called. */
export function beatForWorkers(redis: Redis, clock: Pick<LogClock, 'nowMs' | 'ready'>): () => void {
  const beat = (): void => void redis.set(key, clock.nowMs()).catch(() => {});
  void clock.ready.then(beat);
  const timer = setInterval(beat, beatMs);
  return () => clearInterval(timer);
}

/** Since when no worker is alive, ISO 8601; undefined while one is. `from`: nobody has looked for longer than that. */
export async function noWorkerSince(
  redis: Pick<Redis, 'get'>,
  { nowMs, from }: { readonly nowMs: number; readonly from: string },
): Promise<string | undefined> {
  const last = await redis.get(key);
  const sinceMs = last === null ? Date.parse(from) : Number(last);
  return nowMs - sinceMs > deadMs ? new Date(sinceMs).toISOString() : undefined;
}

/** Which process probes for a run: one at a time, and another one soon after it has died. */
export interface ProbeLease {
  /** Takes the lease or renews it; whether it is ours. */
  readonly hold: (run: string) => Promise<boolean>;
}

const leaseMs = 4000;
const probeKeyOf = (run: string): string => `hopscotch:run:${run}:prober`;

export function openProbeLease(redis: Pick<Redis, 'set' | 'get' | 'pexpire'>): ProbeLease {
  const own = randomUUID();
  return {
    hold: async (run) => {
      const lease = probeKeyOf(run);
      if ((await redis.set(lease, own, 'PX', leaseMs, 'NX')) !== null) return true;
      if ((await redis.get(lease)) !== own) return false;
      await redis.pexpire(lease, leaseMs);
      return true;
    },
  };
}

/** Whether any process probes for this run. */
export const isProbed = async (redis: Pick<Redis, 'exists'>, run: string): Promise<boolean> =>
  (await redis.exists(probeKeyOf(run))) === 1;
