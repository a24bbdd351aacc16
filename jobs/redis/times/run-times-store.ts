// How long the steps of the latest runs took: what a card says of the usual time and the end comes from here.
import type { Redis } from 'ioredis';
import { type KnownTimes, knownTimes } from '../../run/durations/estimates.ts';
import { RunTimes, timesOfRun } from '../../run/durations/run-times.ts';
import type { Run } from '../../run/run.ts';

const timesKey = 'hopscotch:times';
const orderKey = 'hopscotch:times:order';
const mostRuns = 60;

export interface RunTimesStore {
  /** The same run again replaces what it said before; beyond the latest sixty runs the oldest go. */
  readonly save: (times: RunTimes) => Promise<void>;
  /** The latest first. */
  readonly all: () => Promise<readonly RunTimes[]>;
}

export const openRunTimes = (redis: Redis): RunTimesStore => ({
  save: async (times) => {
    await redis.hset(timesKey, times.run, JSON.stringify(times));
    await redis.zadd(orderKey, Date.parse(times.at), times.run);
    const old = await redis.zrange(orderKey, '0', `${-1 - mostRuns}`);
    if (old.length === 0) return;
    await redis.hdel(timesKey, ...old);
    await redis.zrem(orderKey, ...old);
  },
  all: async () => {
    const ids = await redis.zrevrange(orderKey, '0', '-1');
    if (ids.length === 0) return [];
    const found = await redis.hmget(timesKey, ...ids);
    return found.flatMap((json) => {
      const times = json === null ? undefined : RunTimes.safeParse(JSON.parse(json)).data;
      return times === undefined ? [] : [times];
    });
  },
});

export interface LearnedTimes {
  /** What is known for a cloud; as it was at most a minute ago. */
  readonly of: (cloud: string) => Promise<KnownTimes>;
  /** Keeps what a run that has ended teaches, once in each process. */
  readonly learn: (run: Run) => Promise<void>;
}

const freshMs = 60_000;

export function openLearnedTimes(store: RunTimesStore): LearnedTimes {
  const known = new Map<string, { readonly at: number; readonly times: Promise<KnownTimes> }>();
  const learned = new Set<string>();
  return {
    of: async (cloud) => {
      const found = known.get(cloud);
      if (found !== undefined && performance.now() - found.at < freshMs) return found.times;
      const times = store.all().then((runs) => knownTimes(runs, cloud));
      known.set(cloud, { at: performance.now(), times });
      times.catch(() => known.delete(cloud));
      return times;
    },
    learn: async (run) => {
      const name = `${run.id} ${run.ended?.at}`;
      if (run.ended === undefined || learned.has(name)) return;
      const times = timesOfRun(run);
      if (times !== undefined) await store.save(times);
      if (learned.size > 1000) learned.clear();
      learned.add(name);
      known.clear();
    },
  };
}
