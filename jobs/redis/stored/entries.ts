// How the log of a run stands in Redis: its entries, and beside them what files hold, and its plan.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { Keeping } from '../seal/seal.ts';
import { type RawEntry, type StoredEvent, contentsNamedIn, putInContents } from './contents.ts';
import { packedKey, unpackEntries } from './packed.ts';
import { type PlanBeside, planBesideOf, planNamedIn, readPlanBeside } from './plans.ts';
import type { RunEvent } from '../../run/events.ts';
import { readEvent, readEventOfPlan } from '../../run/upcast.ts';

export const eventsKey = (run: string): string => `hopscotch:run:${run}:events`;
/** What files hold that the events name, by fingerprint. It goes some time after the run has ended. */
export const contentsKey = (run: string): string => `hopscotch:run:${run}:contents`;

/** Where the content stands, for its seal. */
const placeOfContent = (run: string, sha256: string): string => `${contentsKey(run)} ${sha256}`;

/** Contents as the fields of a hash in Redis. */
export const sealedContents = (
  run: string,
  contents: Readonly<Record<string, string>>,
  { seal }: Keeping,
): (string | Buffer)[] =>
  Object.entries(contents).flatMap(([sha256, content]) => [
    sha256,
    seal.seal(Buffer.from(content), placeOfContent(run, sha256)),
  ]);

/** An event as it is stored. */
export interface StoredEntry extends RawEntry {
  /** What it names by fingerprint, as far as it is still there. */
  readonly contents: Readonly<Record<string, string>>;
  /** The plan that it names, where that is what it should be. */
  readonly plan?: PlanBeside;
}

/** The fingerprints that an entry and its plan name. */
export const namedBy = ({ json, plan }: Pick<StoredEntry, 'json' | 'plan'>): readonly string[] => [
  ...contentsNamedIn(json),
  ...(plan?.named ?? []),
];

/** Each entry's hash covers the one before it, so a changed, lost or inserted event shows. */
export const chainHash = (previous: string, json: string): string =>
  createHash('sha256').update(previous).update(json).digest('hex');

/** Whether an entry follows on one of this version and hash, and the contents are what it names. */
export const isNextEntry = (
  entry: StoredEntry,
  { version, hash }: { readonly version: number; readonly hash: string },
): boolean =>
  entry.id === `${version + 1}-0` &&
  entry.hash === chainHash(hash, entry.json) &&
  putInContents(withoutPlan(entry)) !== undefined &&
  isPlanRight(entry);

const isPlanRight = ({ id, json, plan, contents }: StoredEntry): boolean =>
  id !== firstId || planNamedIn(json) === undefined || plan?.planWith(contents) !== undefined;

const firstId = '1-0';

/** Only of an entry that was checked. Throws `NewerLog` for one that a newer version has written. */
export function eventOf(entry: StoredEntry, run: string): RunEvent {
  const stored: unknown = JSON.parse(putInContents(withoutPlan(entry)) ?? entry.json);
  const plan = entry.plan?.planWith(entry.contents);
  return plan === undefined ? readEvent(stored, run) : readEventOfPlan(stored, plan, run);
}

/** Its own contents, without those of its plan. */
function withoutPlan({ json, contents, plan }: StoredEntry): StoredEvent {
  if (plan === undefined) return { json, contents };
  const own = contentsNamedIn(json).map((sha256) => [sha256, contents[sha256]] as const);
  return {
    json,
    contents: Object.fromEntries(
      own.flatMap(([sha256, content]) => (content === undefined ? [] : [[sha256, content]])),
    ),
  };
}

export async function readEntries(
  redis: Redis,
  { run, from }: { readonly run: string; readonly from: string },
  { seal }: Keeping,
): Promise<StoredEntry[]> {
  const read = await readRaw(redis, run, from);
  const [first] = read;
  const plan = first?.id === firstId ? planNamedIn(first.json) : undefined;
  const beside = plan === undefined ? undefined : await readPlanBeside(redis, run, plan);
  const entries = withPlan(read, beside).map((entry) => ({ entry, named: namedBy(entry) }));
  const named = [...new Set(entries.flatMap((each) => each.named))];
  const kept = named.length === 0 ? [] : await redis.hmgetBuffer(contentsKey(run), ...named);
  const all = new Map(
    named.map((sha256, index) => {
      const stored = kept[index] ?? undefined;
      return [sha256, stored && seal.open(stored, placeOfContent(run, sha256))?.toString()];
    }),
  );
  return entries.map(({ entry, named: here }) => ({
    ...entry,
    contents: Object.fromEntries(
      here.flatMap((sha256) => {
        const content = all.get(sha256);
        return content === undefined ? [] : [[sha256, content]];
      }),
    ),
  }));
}

/** Entries to the byte as they stand in Redis, from an id on; `-` for all of them. */
export async function readRaw(redis: Redis, run: string, from: string): Promise<RawEntry[]> {
  const live = await readStream(redis, run, from);
  if (from !== '-' || live[0] === undefined || live[0].id === firstId) return live;
  const packed = await redis.getBuffer(packedKey(run));
  // It went into the archive meanwhile.
  if (packed === null) return readStream(redis, run, from);
  const before = await unpackEntries(packed);
  // It may have been packed meanwhile, too.
  const met = new Set(before.map(({ id }) => id));
  return [...before, ...live.filter(({ id }) => !met.has(id))];
}

const readStream = async (redis: Redis, run: string, from: string): Promise<RawEntry[]> =>
  (await redis.xrange(eventsKey(run), from, '+')).map(([id, [, json = '', , hash = '']]) => ({
    id,
    json,
    hash,
  }));

const withPlan = (
  [first, ...rest]: readonly RawEntry[],
  plan: PlanBeside | undefined,
): (RawEntry & Pick<StoredEntry, 'plan'>)[] =>
  first === undefined ? [] : [plan === undefined ? first : { ...first, plan }, ...rest];

/** Entries that were read elsewhere, without what files held: that is gone by then. */
export function storedEntries({
  plan = '',
  entries,
}: {
  readonly plan?: string;
  readonly entries: readonly RawEntry[];
}): StoredEntry[] {
  const sha256 = planNamedIn(entries[0]?.json ?? '');
  const beside = sha256 === undefined ? undefined : planBesideOf(sha256, plan);
  return withPlan(entries, beside).map((entry) => ({ ...entry, contents: {} }));
}

export function brokenLog(run: string, version: number): OperatorError {
  return new OperatorError(`the log of run ${run} was changed from outside at event ${version}`, {
    hint: 'Nothing more runs for it; restore Redis from its append-only file, or look at the hosts and free the cloud: /upgrade unlock CLOUD REASON',
    name: 'BrokenLog',
  });
}
