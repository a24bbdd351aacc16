import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { putInContents, takeOutContents } from '../../../jobs/redis/stored/contents.ts';
import {
  chainHash,
  contentsKey,
  type StoredEntry,
  eventOf,
  eventsKey,
  isNextEntry,
} from '../../../jobs/redis/stored/entries.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { cloudLockKey } from '../../../jobs/redis/lock.ts';

/** A run as an earlier version left it in Redis, in the middle of its way: every field of every entry as it stood there. */
export interface EarlierLog {
  readonly run: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly port: number;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  readonly entries: readonly (readonly [id: string, fields: readonly string[]])[];
  readonly contents: Readonly<Record<string, string>>;
}

/**
 * `upgrade`: keystone alone on its way to Kilo; Apache found its ports taken, a fix was chosen and approved, and the run was
 * paused. `notes`: a runbook of one's own that met a retry, a lost link, a skip, a rejection and a rollback to a step, and
 * that waits for a person.
 */
export type EarlierName = 'upgrade' | 'notes';

export const earlierLog = (name: EarlierName): EarlierLog =>
  // Written by a program, and checked entry by entry where it is read.
  JSON.parse(
    readFileSync(
      new URL(`../../jobs/run/fixtures/${name}-without-version.json`, import.meta.url),
      'utf8',
    ),
  ) as EarlierLog;

/** Its events as the store reads them. Throws where an entry does not follow on the one before it. */
export function eventsOf(log: EarlierLog): RunEvent[] {
  const entries = log.entries.map(([id, fields]) => entryOf(id, fields, log.contents));
  return entries.map((entry, index) => {
    const hash = entries[index - 1]?.hash ?? '';
    if (!isNextEntry(entry, { version: index, hash }))
      throw new Error(`entry ${entry.id} is broken`);
    return eventOf(entry, log.run);
  });
}

function entryOf(
  id: string,
  [, json = '', , hash = '']: readonly string[],
  contents: StoredEntry['contents'],
): StoredEntry {
  return { id, json, hash, contents };
}

/** The log as it would be had it run on these hosts: only addresses, port and the paths of keys are others. */
export function earlierLogOnHosts(log: EarlierLog, here: PretendHosts): EarlierLog {
  const pairs = [
    ...log.hosts.map(({ name, address }): [string, string] => [
      address,
      here.hosts.find((host) => host.name === name)?.address ?? '',
    ]),
    [String(log.port), String(here.port)] as const,
    [log.keyPath, here.keyPath] as const,
    [log.knownHostsPath, here.knownHostsPath] as const,
  ];
  const moved = (text: string): string =>
    pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  let previous = '';
  let contents: EarlierLog['contents'] = {};
  const entries = log.entries.map(([id, [, json = '']]): EarlierLog['entries'][number] => {
    const whole = putInContents({ json, contents: log.contents });
    if (whole === undefined) throw new Error(`entry ${id} is broken`);
    const stored = takeOutContents(moved(whole));
    previous = chainHash(previous, stored.json);
    contents = { ...contents, ...stored.contents };
    return [id, ['event', stored.json, 'hash', previous]];
  });
  return { ...log, entries, contents };
}

/** Puts the log into a Redis as the run that holds its cloud, as it was when the earlier version ended. */
export async function putIntoRedis(redis: Redis, log: EarlierLog): Promise<void> {
  const [first] = eventsOf(log);
  if (first?.type !== 'RunRequested') throw new Error('a log that does not begin with a plan');
  const { run, by, at, plan } = first;
  const writing = redis.multi();
  for (const [id, fields] of log.entries) writing.xadd(eventsKey(run), id, ...fields);
  if (Object.keys(log.contents).length > 0) writing.hset(contentsKey(run), { ...log.contents });
  writing.set(cloudLockKey(plan.cloud), JSON.stringify({ run, by, at, why: plan.title }));
  writing.set(`hopscotch:cloud:${plan.cloud}:last`, run);
  writing.sadd('hopscotch:active', run);
  writing.zadd('hopscotch:runs', Date.parse(at), run);
  await writing.exec();
}
