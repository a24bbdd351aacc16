import { activeRunsKey } from '../lock.ts';
import { packLogLua } from '../scripts/embedded.ts';
import { eventsKey } from '../stored/entries.ts';
import { packEntries, packedKey } from '../stored/packed.ts';
import { type EndedRun, type PuttingAway, putAwayEnded } from './ended-runs.ts';

const which = {
  // Until then people may still roll it back, and look at it.
  sinceMs: 3_600_000,
  leastEntries: 2,
  doing: 'packing the logs of runs that ended',
} as const;

/** Packs the logs of runs that ended an hour ago: they take a seventh of the memory then. Answers how many. */
export const packEndedRuns = (parts: PuttingAway): Promise<number> =>
  putAwayEnded(parts, which, (ended) => packRun(parts, ended));

async function packRun(
  { redis }: Pick<PuttingAway, 'redis'>,
  { run, version, entries }: EndedRun,
): Promise<boolean> {
  const packed = await packEntries(entries.slice(0, -1));
  const keys = [eventsKey(run), packedKey(run), activeRunsKey];
  return (await redis.eval(packLogLua, 3, ...keys, run, `${version}-0`, packed)) === 1;
}
