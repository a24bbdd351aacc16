import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { isErrorNamed } from '../../../handlers/contract/errors.ts';
import { checkedEvents } from '../folded-log.ts';
import { activeRunsKey, runsKey } from '../lock.ts';
import type { Keeping } from '../seal/seal.ts';
import type { RunStore } from '../store.ts';
import { runExists } from '../store-writes.ts';
import { contentsKey, eventsKey, readRaw, storedEntries } from '../stored/entries.ts';
import { packedKey } from '../stored/packed.ts';
import { packPlan, planKey, unpackPlan } from '../stored/plans.ts';
import { fold } from '../../run/fold.ts';
import type { RunEvent } from '../../run/events.ts';
import type { ArchivedRun, RunArchive } from './files.ts';
import { takeFromRedisLua } from '../scripts/embedded.ts';
import { packEndedRuns } from './packed-runs.ts';

/** A store that shows runs which stand in the archive by now, and takes one back before anything is written behind it. */
export function archivedStore(redis: Redis, store: RunStore, archive: RunArchive): RunStore {
  const orArchived = async <T>(
    run: string,
    live: () => Promise<T>,
    archived: (events: readonly RunEvent[], found: ArchivedRun) => T | Promise<T>,
  ): Promise<T> => {
    try {
      return await live();
    } catch (error) {
      if (!isErrorNamed(error, 'UnknownRun')) throw error;
      const found = await archive.read(run);
      if (found === undefined) throw error;
      return archived(checkedEvents(run, undefined, storedEntries(found)), found);
    }
  };
  return {
    ...store,
    // Its id may be that of one in the archive.
    create: async (event) => {
      if ((await archive.read(event.run)) !== undefined) throw runExists(event.run);
      return store.create(event);
    },
    load: (run) => orArchived(run, () => store.load(run), fold),
    events: (run) =>
      orArchived(
        run,
        () => store.events(run),
        (events) => events,
      ),
    append: (run, next) =>
      orArchived(
        run,
        () => store.append(run, next),
        async (_events, found) => {
          await takeBack(redis, run, found);
          return store.append(run, next);
        },
      ),
  };
}

/** As it stood in Redis. Its file stays, and is written anew when the run is archived again. */
async function takeBack(redis: Redis, run: string, { plan, entries }: ArchivedRun): Promise<void> {
  const back = redis.multi();
  if (plan !== undefined) back.set(planKey(run), await packPlan(plan));
  for (const { id, json, hash } of entries)
    back.xadd(eventsKey(run), id, 'event', json, 'hash', hash);
  await back.exec();
}

interface Archiving {
  readonly redis: Redis;
  readonly store: Pick<RunStore, 'load'>;
  readonly archive: RunArchive;
  /** How long after its end a run stays in Redis: for as long as what its files held. */
  readonly keptSeconds: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/**
 * Looks every hour, from a minute after the start on, until what it answers is called: packs what ended an hour ago, and
 * archives what ended long ago where there is an archive.
 */
export function archiveHourly(
  parts: Omit<Archiving, 'archive' | 'keptSeconds'>,
  { archive, keptSeconds }: Pick<Keeping, 'archive' | 'keptSeconds'>,
): () => void {
  const putAway = async (): Promise<void> => {
    await packEndedRuns(parts);
    if (archive !== undefined) await archiveOldRuns({ ...parts, archive, keptSeconds });
  };
  const look = (): void => {
    putAway().catch((error: unknown) =>
      parts.log.warn({ err: error }, 'putting away runs that ended'),
    );
  };
  const [first, timer] = [setTimeout(look, 60_000), setInterval(look, 3_600_000)];
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}

/** Of one look: the next one goes on. */
const mostAtOnce = 200;

/** Moves runs that ended long ago out of Redis, oldest first. Answers how many. */
export async function archiveOldRuns(archiving: Archiving): Promise<number> {
  const { redis, keptSeconds, nowMs, log } = archiving;
  const untilMs = nowMs() - keptSeconds * 1000;
  const old = await redis.zrangebyscore(runsKey, '-inf', untilMs);
  let count = 0;
  for (const run of old) {
    if (count >= mostAtOnce) break;
    try {
      if (await archiveRun(archiving, run, untilMs)) count += 1;
    } catch (error) {
      // The log of one may be broken, or of a newer version: it stays.
      log.warn({ runId: run, err: error }, 'archiving a run');
    }
  }
  if (count > 0) log.info({ runs: count }, 'archived runs');
  return count;
}

async function archiveRun(
  { redis, store, archive }: Archiving,
  run: string,
  untilMs: number,
): Promise<boolean> {
  if ((await redis.exists(eventsKey(run))) === 0) return false;
  const { ended, version } = await store.load(run);
  if (ended === undefined || Date.parse(ended.at) > untilMs) return false;
  // What its files held goes first: it never stands in a file.
  if ((await redis.exists(contentsKey(run))) === 1) return false;
  const entries = await readRaw(redis, run, '-');
  if (entries.length !== version) return false;
  const packed = await redis.getBuffer(planKey(run));
  const plan = packed === null ? {} : { plan: await unpackPlan(packed) };
  await archive.keep(run, { ...plan, entries });
  const taken = await redis.eval(
    takeFromRedisLua,
    4,
    eventsKey(run),
    planKey(run),
    activeRunsKey,
    packedKey(run),
    run,
    `${version}-0`,
  );
  return taken === 1;
}
