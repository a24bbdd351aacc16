import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { contentsNamedIn } from './contents.ts';
import { brokenLog, type StoredEntry, eventOf, isNextEntry, readEntries } from './entries.ts';
import type { Keeping } from './seal/seal.ts';
import { evolve, fold } from '../run/fold.ts';
import type { Run } from '../run/run.ts';

export interface Folded {
  readonly state: Run;
  readonly hash: string;
  /** Whether an event names what a file holds, and whether some of that is gone. */
  readonly hasContents: boolean;
  readonly isMissing: boolean;
}

/** Reads runs as their logs fold. What was folded before is kept, of the last hundred runs that were asked for. */
export function foldedLogs(redis: Redis, keeping: Keeping): (run: string) => Promise<Folded> {
  const cache = new Map<string, Folded>();
  return async (run) => {
    const folded = await catchUp({ redis, keeping }, run, cache.get(run));
    cache.delete(run);
    cache.set(run, folded);
    for (const oldest of cache.keys()) {
      if (cache.size <= 100) break;
      cache.delete(oldest);
    }
    return folded;
  };
}

/** A store that went back in time (Redis lost its last second) has a shorter log: then everything is folded anew. */
async function catchUp(
  { redis, keeping }: { readonly redis: Redis; readonly keeping: Keeping },
  run: string,
  known: Folded | undefined,
): Promise<Folded> {
  if (known !== undefined) {
    const entries = await readEntries(redis, { run, from: `${known.state.version}-0` }, keeping);
    const [same, ...newer] = entries;
    if (same?.hash === known.hash)
      return newer.reduce((folded, entry) => verified(run, folded, entry), known);
  }
  const [first, ...rest] = await readEntries(redis, { run, from: '-' }, keeping);
  if (first === undefined) throw unknownRun(run);
  return rest.reduce((folded, entry) => verified(run, folded, entry), begun(run, first));
}

export function begun(run: string, first: StoredEntry): Folded {
  if (!isNextEntry(first, { version: 0, hash: '' })) throw brokenLog(run, 1);
  return { state: fold([eventOf(first, run)]), hash: first.hash, ...contentsOf(first) };
}

export function verified(run: string, folded: Folded, entry: StoredEntry): Folded {
  const { version } = folded.state;
  if (!isNextEntry(entry, { version, hash: folded.hash })) throw brokenLog(run, version + 1);
  const { hasContents, isMissing } = contentsOf(entry);
  return {
    state: evolve(folded.state, eventOf(entry, run)),
    hash: entry.hash,
    hasContents: folded.hasContents || hasContents,
    isMissing: folded.isMissing || isMissing,
  };
}

function contentsOf({ json, contents }: StoredEntry): Pick<Folded, 'hasContents' | 'isMissing'> {
  const named = contentsNamedIn(json);
  const isMissing = named.some((sha256) => contents[sha256] === undefined);
  return { hasContents: named.length > 0, isMissing };
}

export const unknownRun = (run: string): OperatorError =>
  new OperatorError(`there is no run ${run}`, {
    hint: 'See the runs there are with: /upgrade status',
    name: 'UnknownRun',
  });
