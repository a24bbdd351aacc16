import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { activeRunsKey, runsKey } from '../lock.ts';
import { packLogLua } from '../scripts/embedded.ts';
import { eventsKey, readRaw } from '../stored/entries.ts';
import { packEntries, packedKey } from '../stored/packed.ts';
import type { RunStore } from '../store.ts';

interface Packing {
  readonly redis: Redis;
  readonly store: Pick<RunStore, 'load'>;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** Until then people may still roll it back, and look at it. */
const packAfterMs = 3_600_000;

/** Of one look: the next one goes on. */
const mostAtOnce = 200;

/** Packs the logs of runs that ended an hour ago: they take a seventh of the memory then. Answers how many. */
export async function packEndedRuns(packing: Packing): Promise<number> {
  const { redis, nowMs, log } = packing;
  const untilMs = nowMs() - packAfterMs;
  const runs = await redis.zrangebyscore(runsKey, '-inf', untilMs);
  const lengths = await Promise.all(runs.map((run) => redis.xlen(eventsKey(run))));
  let count = 0;
  for (const [index, run] of runs.entries()) {
    if (count >= mostAtOnce) break;
    if ((lengths[index] ?? 0) <= 1) continue;
    try {
      if (await packRun(packing, run, untilMs)) count += 1;
    } catch (error) {
      // The log of one may be broken, or of a newer version: it stays as it is.
      log.warn({ runId: run, err: error }, 'packing the log of a run');
    }
  }
  if (count > 0) log.info({ runs: count }, 'packed the logs of runs that ended');
  return count;
}

async function packRun({ redis, store }: Packing, run: string, untilMs: number): Promise<boolean> {
  const { ended, version } = await store.load(run);
  if (ended === undefined || Date.parse(ended.at) > untilMs) return false;
  const entries = await readRaw(redis, run, '-');
  if (entries.length !== version) return false;
  const packed = await packEntries(entries.slice(0, -1));
  const keys = [eventsKey(run), packedKey(run), activeRunsKey];
  return (await redis.eval(packLogLua, 3, ...keys, run, `${version}-0`, packed)) === 1;
}
