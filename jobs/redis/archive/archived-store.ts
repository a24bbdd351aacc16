import type { Redis } from 'ioredis';
import { isErrorNamed } from '../../../handlers/contract/errors.ts';
import { checkedEvents } from '../folded-log.ts';
import { activeRunsKey } from '../lock.ts';
import type { Keeping } from '../seal/seal.ts';
import type { RunStore } from '../store.ts';
import { runExists } from '../store-writes.ts';
import { contentsKey, eventsKey, storedEntries } from '../stored/entries.ts';
import { packedKey } from '../stored/packed.ts';
import { packPlan, planKey, unpackPlan } from '../stored/plans.ts';
import { fold } from '../../run/fold.ts';
import type { RunEvent } from '../../run/events.ts';
import { type EndedRun, type PuttingAway, putAwayEnded } from './ended-runs.ts';
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

interface Archiving extends PuttingAway {
  readonly archive: RunArchive;
  /** How long after its end a run stays in Redis: for as long as what its files held. */
  readonly keptSeconds: number;
}

/**
 * Looks every hour, from a minute after the start on, until what it answers is called: packs what ended an hour ago, and
 * archives what ended long ago where there is an archive.
 */
export function archiveHourly(
  parts: PuttingAway,
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

/** Moves runs that ended long ago out of Redis. Answers how many. */
export const archiveOldRuns = (parts: Archiving): Promise<number> =>
  putAwayEnded(
    parts,
    { sinceMs: parts.keptSeconds * 1000, leastEntries: 1, doing: 'archiving runs' },
    (ended) => archiveRun(parts, ended),
  );

async function archiveRun(
  { redis, archive }: Pick<Archiving, 'redis' | 'archive'>,
  { run, version, entries }: EndedRun,
): Promise<boolean> {
  // What its files held goes first: it never stands in a file.
  if ((await redis.exists(contentsKey(run))) === 1) return false;
  const packed = await redis.getBuffer(planKey(run));
  const plan = packed === null ? {} : { plan: await unpackPlan(packed) };
  await archive.keep(run, { ...plan, entries });
  const keys = [eventsKey(run), planKey(run), activeRunsKey, packedKey(run)];
  return (await redis.eval(takeFromRedisLua, 4, ...keys, run, `${version}-0`)) === 1;
}
