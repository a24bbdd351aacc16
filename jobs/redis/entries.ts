import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Keeping } from './seal/seal.ts';
import { contentsNamedIn, putInContents } from './contents.ts';
import type { RunEvent } from '../run/events.ts';
import { readEvent } from '../run/upcast.ts';

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
export interface StoredEntry {
  readonly id: string;
  readonly json: string;
  readonly hash: string;
  /** What it names by fingerprint, as far as it is still there. */
  readonly contents: Readonly<Record<string, string>>;
}

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
  putInContents(entry) !== undefined;

/** Only of an entry that was checked. Throws `NewerLog` for one that a newer version has written. */
export const eventOf = (entry: StoredEntry, run: string): RunEvent =>
  readEvent(JSON.parse(putInContents(entry) ?? entry.json), run);

export async function readEntries(
  redis: Redis,
  { run, from }: { readonly run: string; readonly from: string },
  { seal }: Keeping,
): Promise<StoredEntry[]> {
  const entries = (await redis.xrange(eventsKey(run), from, '+')).map(
    ([id, [, json = '', , hash = '']]) => ({ id, json, hash, named: contentsNamedIn(json) }),
  );
  const named = [...new Set(entries.flatMap((entry) => entry.named))];
  const kept = named.length === 0 ? [] : await redis.hmgetBuffer(contentsKey(run), ...named);
  const all = new Map(
    named.map((sha256, index) => {
      const stored = kept[index] ?? undefined;
      return [sha256, stored && seal.open(stored, placeOfContent(run, sha256))?.toString()];
    }),
  );
  return entries.map(({ named: here, ...entry }) => ({
    ...entry,
    contents: Object.fromEntries(
      here.flatMap((sha256) => {
        const content = all.get(sha256);
        return content === undefined ? [] : [[sha256, content]];
      }),
    ),
  }));
}

export function brokenLog(run: string, version: number): OperatorError {
  return new OperatorError(`the log of run ${run} was changed from outside at event ${version}`, {
    hint: 'Nothing more runs for it; restore Redis from its append-only file, or look at the hosts and free the cloud: /upgrade unlock CLOUD REASON',
    name: 'BrokenLog',
  });
}
