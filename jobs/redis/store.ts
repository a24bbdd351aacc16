import type { Redis } from 'ioredis';
import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { contentsKeptSeconds, contentsNamedIn, takeOutContents } from './contents.ts';
import {
  brokenLog,
  chainHash,
  contentsKey,
  type StoredEntry,
  eventOf,
  eventsKey,
  isNextEntry,
  readEntries,
} from './entries.ts';
import { RunEvent } from '../run/events.ts';
import { canonicalJson } from '../run/plan.ts';
import { evolve, fold } from '../run/fold.ts';
import type { Run } from '../run/run.ts';

/** Who holds a cloud, since when and why. */
export const CloudLock = z.strictObject({
  run: z.string(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
});
export type CloudLock = z.infer<typeof CloudLock>;

export interface RunStore {
  /** Writes the first event of a run and takes the cloud's lock, both or neither. Throws `CloudLocked` or `RunExists`. */
  readonly create: (event: Extract<RunEvent, { type: 'RunRequested' }>) => Promise<Run>;
  /** Throws `UnknownRun`, or `BrokenLog` when the chain of hashes does not hold. */
  readonly load: (run: string) => Promise<Run>;
  /** Every event, oldest first: the audit trail. Throws as `load` does. */
  readonly events: (run: string) => Promise<RunEvent[]>;
  /** The events before the first that does not fit into the chain of hashes; none of them where the first is wrong. */
  readonly intact: (run: string) => Promise<RunEvent[]>;
  /**
   * Appends what `next` makes of the present state; `undefined` appends nothing. Another writer in between means that
   * `next` is asked again with the newer state. Answers the state afterwards, and whether anything was appended.
   */
  readonly append: (
    run: string,
    next: (run: Run) => RunEvent | undefined,
  ) => Promise<AppendedEvent>;
  /** The latest runs, newest first. */
  readonly recent: (count: number) => Promise<string[]>;
  readonly active: () => Promise<string[]>;
  readonly lockOf: (cloud: string) => Promise<CloudLock | undefined>;
  /** The run that last held the cloud. */
  readonly lastOf: (cloud: string) => Promise<string | undefined>;
}

export interface AppendedEvent {
  readonly run: Run;
  readonly event?: RunEvent;
}

export const cloudLockKey = (cloud: string): string => `hopscotch:cloud:${cloud}:lock`;
const lastKey = (cloud: string): string => `hopscotch:cloud:${cloud}:last`;
const runsKey = 'hopscotch:runs';
const activeKey = 'hopscotch:active';

/** `onAppend` is told of every run that has a new event, after it is stored. */
export function openRunStore(
  redis: Redis,
  onAppend: (run: Run) => Promise<void> = async () => {},
): RunStore {
  const cache = new Map<string, Folded>();

  async function read(run: string): Promise<Folded> {
    const known = cache.get(run);
    const folded = await catchUp(redis, run, known);
    cache.delete(run);
    cache.set(run, folded);
    for (const oldest of cache.keys()) {
      if (cache.size <= 100) break;
      cache.delete(oldest);
    }
    return folded;
  }

  async function write(
    run: string,
    event: RunEvent,
    { state, hash, hasContents }: Folded,
  ): Promise<Run | undefined> {
    const whole = canonicalJson(event);
    const { json, contents } = takeOutContents(whole);
    // Out of what is stored, so that every process has the same state.
    const next = evolve(state, RunEvent.parse(JSON.parse(whole)));
    const { cloud } = state.plan;
    const lock: CloudLock = { run, by: lockedBy(event), at: event.at, why: state.plan.title };
    const answer = await redis.eval(
      APPEND,
      6,
      eventsKey(run),
      cloudLockKey(cloud),
      lastKey(cloud),
      activeKey,
      runsKey,
      contentsKey(run),
      state.version,
      chainHash(hash, json),
      json,
      run,
      canonicalJson(lock),
      event.type === 'RunEnded' ? 'release' : event.type === 'RollbackRequested' ? 'take' : 'keep',
      hash,
      contentsKeptSeconds,
      hasContents ? 'needed' : 'none',
      ...Object.entries(contents).flat(),
    );
    if (answer === 'conflict') return undefined;
    if (answer === 'gone') throw contentsGone(run);
    if (answer !== 'ok') throw locked(cloud, String(answer));
    return next;
  }

  return {
    create: async (event) => {
      const whole = canonicalJson(event);
      const { json, contents } = takeOutContents(whole);
      const { cloud, title } = event.plan;
      const lock: CloudLock = { run: event.run, by: event.by, at: event.at, why: title };
      const answer = await redis.eval(
        CREATE,
        6,
        eventsKey(event.run),
        cloudLockKey(cloud),
        lastKey(cloud),
        activeKey,
        runsKey,
        contentsKey(event.run),
        chainHash('', json),
        json,
        event.run,
        canonicalJson(lock),
        Date.parse(event.at),
        ...Object.entries(contents).flat(),
      );
      if (answer === 'exists') {
        throw new OperatorError(`the run id ${event.run} is taken`, {
          hint: 'Start again.',
          name: 'RunExists',
        });
      }
      if (answer !== 'ok') throw locked(cloud, String(answer));
      const run = fold([RunEvent.parse(JSON.parse(whole))]);
      await onAppend(run);
      return run;
    },
    load: async (run) => (await read(run)).state,
    events: async (run) => {
      const [first, ...rest] = await readEntries(redis, run, '-');
      if (first === undefined) throw unknownRun(run);
      rest.reduce((folded, entry) => verified(run, folded, entry), begun(run, first));
      return [first, ...rest].map(eventOf);
    },
    intact: async (run) => {
      const entries = await readEntries(redis, run, '-');
      const broken = entries.findIndex(
        (entry, at) => !isNextEntry(entry, { version: at, hash: entries[at - 1]?.hash ?? '' }),
      );
      return entries.slice(0, broken === -1 ? undefined : broken).map(eventOf);
    },
    append: async (run, next) => {
      for (;;) {
        const folded = await read(run);
        if (folded.isMissing && folded.state.ended === undefined) throw contentsGone(run);
        const event = next(folded.state);
        if (event === undefined) return { run: folded.state };
        const state = await write(run, event, folded);
        if (state === undefined) continue;
        await onAppend(state);
        return { run: state, event };
      }
    },
    recent: (count) => redis.zrevrange(runsKey, 0, count - 1),
    active: () => redis.smembers(activeKey),
    lockOf: async (cloud) => {
      const lock = await redis.get(cloudLockKey(cloud));
      return lock === null ? undefined : CloudLock.parse(JSON.parse(lock));
    },
    lastOf: async (cloud) => (await redis.get(lastKey(cloud))) ?? undefined,
  };
}

interface Folded {
  readonly state: Run;
  readonly hash: string;
  /** Whether an event names what a file holds, and whether some of that is gone. */
  readonly hasContents: boolean;
  readonly isMissing: boolean;
}

/** A store that went back in time (Redis lost its last second) has a shorter log: then everything is folded anew. */
async function catchUp(redis: Redis, run: string, known: Folded | undefined): Promise<Folded> {
  if (known !== undefined) {
    const entries = await readEntries(redis, run, `${known.state.version}-0`);
    const [same, ...newer] = entries;
    if (same?.hash === known.hash)
      return newer.reduce((folded, entry) => verified(run, folded, entry), known);
  }
  const [first, ...rest] = await readEntries(redis, run, '-');
  if (first === undefined) throw unknownRun(run);
  return rest.reduce((folded, entry) => verified(run, folded, entry), begun(run, first));
}

function begun(run: string, first: StoredEntry): Folded {
  if (!isNextEntry(first, { version: 0, hash: '' })) throw brokenLog(run, 1);
  return { state: fold([eventOf(first)]), hash: first.hash, ...contentsOf(first) };
}

function verified(run: string, folded: Folded, entry: StoredEntry): Folded {
  const { version } = folded.state;
  if (!isNextEntry(entry, { version, hash: folded.hash })) throw brokenLog(run, version + 1);
  const { hasContents, isMissing } = contentsOf(entry);
  return {
    state: evolve(folded.state, eventOf(entry)),
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

const lockedBy = (event: RunEvent): string => ('by' in event ? event.by : '');

const unknownRun = (run: string): OperatorError =>
  new OperatorError(`there is no run ${run}`, {
    hint: 'See the runs there are with: /upgrade status',
    name: 'UnknownRun',
  });

const contentsGone = (run: string): OperatorError =>
  new OperatorError(
    `what files held in run ${run} is not kept any more (it goes ${contentsKeptSeconds / 86_400} days after the end): the run cannot go on or back`,
    { hint: 'Plan the way back as a runbook of its own.', name: 'ContentsGone' },
  );

function locked(cloud: string, json: string): OperatorError {
  const lock = CloudLock.parse(JSON.parse(json));
  return new OperatorError(
    `${cloud} is held by run ${lock.run} (${lock.why}), which ${lock.by} started at ${lock.at}`,
    {
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock.run}`,
      name: 'CloudLocked',
      people: [lock.by],
    },
  );
}

const CREATE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
local held = redis.call('GET', KEYS[2])
if held then return held end
redis.call('XADD', KEYS[1], '1-0', 'event', ARGV[2], 'hash', ARGV[1])
redis.call('SET', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], ARGV[3])
redis.call('SADD', KEYS[4], ARGV[3])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[3])
for at = 6, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
return 'ok'`;

const APPEND = `
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not top or top[1] ~= ARGV[1] .. '-0' or top[2][4] ~= ARGV[7] then return 'conflict' end
if ARGV[6] == 'take' then
  if ARGV[9] == 'needed' and redis.call('EXISTS', KEYS[6]) == 0 then return 'gone' end
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run ~= ARGV[4] then return held end
  if not held then redis.call('SET', KEYS[2], ARGV[5]) end
  redis.call('SET', KEYS[3], ARGV[4])
  redis.call('SADD', KEYS[4], ARGV[4])
  redis.call('PERSIST', KEYS[6])
end
for at = 10, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
redis.call('XADD', KEYS[1], (ARGV[1] + 1) .. '-0', 'event', ARGV[3], 'hash', ARGV[2])
if ARGV[6] == 'release' then
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run == ARGV[4] then redis.call('DEL', KEYS[2]) end
  redis.call('SREM', KEYS[4], ARGV[4])
  redis.call('EXPIRE', KEYS[6], ARGV[8])
end
return 'ok'`;
