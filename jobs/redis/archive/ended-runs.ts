import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { runsKey } from '../lock.ts';
import type { RunStore } from '../store.ts';
import type { RawEntry } from '../stored/contents.ts';
import { eventsKey, readRaw } from '../stored/entries.ts';

export interface PuttingAway {
  readonly redis: Redis;
  readonly store: Pick<RunStore, 'load'>;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** A run that has ended, and all entries of its log as they stand. */
export interface EndedRun {
  readonly run: string;
  readonly version: number;
  readonly entries: readonly RawEntry[];
}

interface Which {
  /** How long ago a run has to have ended. */
  readonly sinceMs: number;
  /** A log that is shorter than this has been put away already. */
  readonly leastEntries: number;
  /** As in the worker's log. */
  readonly doing: string;
}

/** Of one look: the next one goes on. */
const mostAtOnce = 200;

/** Has runs put away that ended long enough ago, oldest first; `putAway` says whether it did. Answers how many. */
export async function putAwayEnded(
  { redis, store, nowMs, log }: PuttingAway,
  { sinceMs, leastEntries, doing }: Which,
  putAway: (ended: EndedRun) => Promise<boolean>,
): Promise<number> {
  const untilMs = nowMs() - sinceMs;
  const runs = await redis.zrangebyscore(runsKey, '-inf', untilMs);
  const lengths = await Promise.all(runs.map((run) => redis.xlen(eventsKey(run))));
  const putAwayOne = async (run: string): Promise<boolean> => {
    const { ended, version } = await store.load(run);
    if (ended === undefined || Date.parse(ended.at) > untilMs) return false;
    const entries = await readRaw(redis, run, '-');
    return entries.length === version && putAway({ run, version, entries });
  };
  let count = 0;
  for (const run of runs.filter((_run, index) => (lengths[index] ?? 0) >= leastEntries)) {
    if (count >= mostAtOnce) break;
    try {
      if (await putAwayOne(run)) count += 1;
    } catch (error) {
      // The log of one may be broken, or of a newer version: it stays as it is.
      log.warn({ runId: run, err: error }, doing);
    }
  }
  if (count > 0) log.info({ runs: count }, doing);
  return count;
}
