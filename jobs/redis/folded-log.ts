import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import {
  brokenLog,
  type StoredEntry,
  eventOf,
  isNextEntry,
  namedBy,
  readEntries,
} from './stored/entries.ts';
import { latest } from '../../handlers/contract/latest.ts';
import type { Keeping } from './seal/seal.ts';
import type { RunEvent } from '../run/events.ts';
import { evolve, fold } from '../run/fold.ts';
import type { Run } from '../run/run.ts';

export interface Folded {
  readonly state: Run;
  readonly hash: string;
  /** Whether an event names what a file holds, and whether some of that is gone. */
  readonly hasContents: boolean;
  readonly isMissing: boolean;
}

export interface FoldedLogs {
  readonly read: (run: string) => Promise<Folded>;
  /** As it was when it was last read or written here; others may have written since. */
  readonly known: (run: string) => Folded | undefined;
  /** As it was written here a moment ago. */
  readonly written: (run: string) => Folded | undefined;
  /** Takes over what this process has just stored, so that it is not read and folded once more. */
  readonly keep: (folded: Folded) => void;
}

/** So soon nobody can have taken over what another worker began since, and died over. */
const momentMs = 100;

/** Reads runs as their logs fold. What was folded before is kept, of the last hundred runs that were asked for. */
export function foldedLogs(redis: Redis, keeping: Keeping): FoldedLogs {
  const logs = latest<Folded>(100);
  const writtenMs = latest<number>(100);
  return {
    known: (run) => logs.get(run),
    written: (run) =>
      performance.now() - (writtenMs.get(run) ?? -Infinity) < momentMs ? logs.get(run) : undefined,
    read: sharedAsking(async (run) => {
      const last = logs.get(run);
      const { from: end, entries } = await readOn({ redis, keeping }, run, last && endOf(last));
      const from = end === undefined ? undefined : last;
      // Who read at the same time may have folded a part of it meanwhile.
      const known = from === undefined ? undefined : logs.get(run);
      const met = entries.findIndex(({ id, hash }) => hash === known?.hash && isAt(known, id));
      return logs.keep(
        run,
        met < 0 ? foldOn(run, from, entries) : foldOn(run, known, entries.slice(met + 1)),
      );
    }),
    keep: (folded) => {
      const { id, version } = folded.state;
      writtenMs.keep(id, performance.now());
      if ((logs.get(id)?.state.version ?? 0) < version) logs.keep(id, folded);
    },
  };
}

/**
 * One question at a time about each run: who asks while one is under way shares the next with all who do, as an answer to
 * what was asked before would be too old. So hosts that go on together cost one question, not one each.
 */
export function sharedAsking<T>(ask: (run: string) => Promise<T>): (run: string) => Promise<T> {
  const asking = new Map<string, { under: Promise<unknown>; next?: Promise<T> }>();
  const begin = (run: string): Promise<T> => {
    const answer = ask(run);
    const mine: { under: Promise<unknown>; next?: Promise<T> } = { under: answer };
    asking.set(run, mine);
    const over = (): void => {
      if (asking.get(run) === mine && mine.next === undefined) asking.delete(run);
    };
    answer.then(over, over);
    return answer;
  };
  return (run) => {
    const now = asking.get(run);
    if (now === undefined) return begin(run);
    now.next ??= now.under.then(
      () => begin(run),
      () => begin(run),
    );
    return now.next;
  };
}

const isAt = ({ state }: Folded, entry: string): boolean => entry === `${state.version}-0`;

/** A log with every event of it, oldest first. */
interface WholeLog extends LogEnd {
  readonly events: readonly RunEvent[];
  /** When its beginning was last looked at. */
  readonly wholeAtMs: number;
}

/** What somebody changed in the beginning of a log is found by a look at all of it. */
const wholeEachMs = 300_000;

/** The events of runs, read on from where they were read before, of the last few runs that were asked for. */
export function wholeLogs(
  redis: Redis,
  keeping: Keeping,
): (run: string) => Promise<readonly RunEvent[]> {
  const logs = latest<WholeLog>(20);
  return async (run) => {
    const last = logs.get(run);
    const isFresh = last !== undefined && performance.now() - last.wholeAtMs < wholeEachMs;
    const { from, entries } = await readOn({ redis, keeping }, run, isFresh ? last : undefined);
    const known = from === undefined ? undefined : last;
    const before = known?.events ?? [];
    const newer = checkedEvents(run, from, entries);
    return logs.keep(run, {
      events: newer.length === 0 ? before : [...before, ...newer],
      version: before.length + newer.length,
      hash: entries.at(-1)?.hash ?? known?.hash ?? '',
      wholeAtMs: known?.wholeAtMs ?? performance.now(),
    }).events;
  };
}

/** The events of entries that follow on what was read before. */
export function checkedEvents(
  run: string,
  from: LogEnd | undefined,
  entries: readonly StoredEntry[],
): RunEvent[] {
  if (from === undefined && entries.length === 0) throw unknownRun(run);
  let { version, hash } = from ?? { version: 0, hash: '' };
  return entries.map((entry) => {
    if (!isNextEntry(entry, { version, hash })) throw brokenLog(run, version + 1);
    version += 1;
    ({ hash } = entry);
    return eventOf(entry, run);
  });
}

/** Up to where a log was read. */
interface LogEnd {
  readonly version: number;
  readonly hash: string;
}

const endOf = ({ state: { version }, hash }: Folded): LogEnd => ({ version, hash });

interface ReadOn {
  /** What the entries follow on; undefined where they are all there are. */
  readonly from: LogEnd | undefined;
  readonly entries: readonly StoredEntry[];
}

/** A store that went back in time (Redis lost its last second) has a shorter log: then everything is read anew. */
async function readOn(
  { redis, keeping }: { readonly redis: Redis; readonly keeping: Keeping },
  run: string,
  known: LogEnd | undefined,
): Promise<ReadOn> {
  if (known !== undefined) {
    const entries = await readEntries(redis, { run, from: `${known.version}-0` }, keeping);
    const [same, ...newer] = entries;
    if (same?.hash === known.hash) return { from: known, entries: newer };
  }
  return { from: undefined, entries: await readEntries(redis, { run, from: '-' }, keeping) };
}

function foldOn(run: string, from: Folded | undefined, entries: readonly StoredEntry[]): Folded {
  const next = (folded: Folded, entry: StoredEntry): Folded => verified(run, folded, entry);
  if (from !== undefined) return entries.reduce(next, from);
  const [first, ...rest] = entries;
  if (first === undefined) throw unknownRun(run);
  return rest.reduce(next, begun(run, first));
}

function begun(run: string, first: StoredEntry): Folded {
  if (!isNextEntry(first, { version: 0, hash: '' })) throw brokenLog(run, 1);
  return { state: fold([eventOf(first, run)]), hash: first.hash, ...contentsOf(first) };
}

function verified(run: string, folded: Folded, entry: StoredEntry): Folded {
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

function contentsOf(entry: StoredEntry): Pick<Folded, 'hasContents' | 'isMissing'> {
  const { contents } = entry;
  const named = namedBy(entry);
  const isMissing = named.some((sha256) => contents[sha256] === undefined);
  return { hasContents: named.length > 0, isMissing };
}

const unknownRun = (run: string): OperatorError =>
  new OperatorError(`there is no run ${run}`, {
    hint: 'See the runs there are with: /upgrade status',
    name: 'UnknownRun',
  });
