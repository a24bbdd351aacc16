import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { OperatorError } from '../handlers/errors.ts';
import { RunEvent } from './events.ts';
import { canonical } from './plan.ts';
import { evolve, fold } from './fold.ts';
import type { Run } from './run.ts';

/** Who holds a cloud, since when and why. */
export const CloudLock = z.strictObject({
  run: z.string(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
});
export type CloudLock = z.infer<typeof CloudLock>;

export interface Store {
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
  readonly append: (run: string, next: (run: Run) => RunEvent | undefined) => Promise<Appended>;
  /** The latest runs, newest first. */
  readonly recent: (count: number) => Promise<string[]>;
  readonly active: () => Promise<string[]>;
  readonly lockOf: (cloud: string) => Promise<CloudLock | undefined>;
  /** The run that last held the cloud. */
  readonly lastOf: (cloud: string) => Promise<string | undefined>;
}

export interface Appended {
  readonly run: Run;
  readonly event?: RunEvent;
}

export const eventsKey = (run: string): string => `hopscotch:run:${run}:events`;
export const lockKey = (cloud: string): string => `hopscotch:cloud:${cloud}:lock`;
const lastKey = (cloud: string): string => `hopscotch:cloud:${cloud}:last`;
const runsKey = 'hopscotch:runs';
const activeKey = 'hopscotch:active';

/** `onAppend` is told of every run that has a new event, after it is stored. */
export function openStore(
  redis: Redis,
  onAppend: (run: Run) => Promise<void> = async () => {},
): Store {
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
    { state, hash }: Folded,
  ): Promise<Run | undefined> {
    const json = canonical(event);
    // Out of what is stored, so that every process has the same state.
    const next = evolve(state, RunEvent.parse(JSON.parse(json)));
    const { cloud } = state.plan;
    const lock: CloudLock = { run, by: lockedBy(event), at: event.at, why: state.plan.title };
    const answer = await redis.eval(
      APPEND,
      5,
      eventsKey(run),
      lockKey(cloud),
      lastKey(cloud),
      activeKey,
      runsKey,
      state.version,
      chain(hash, json),
      json,
      run,
      canonical(lock),
      event.type === 'RunEnded' ? 'release' : event.type === 'RollbackRequested' ? 'take' : 'keep',
      hash,
    );
    if (answer === 'conflict') return undefined;
    if (answer !== 'ok') throw locked(cloud, String(answer));
    return next;
  }

  return {
    create: async (event) => {
      const json = canonical(event);
      const { cloud, title } = event.plan;
      const lock: CloudLock = { run: event.run, by: event.by, at: event.at, why: title };
      const answer = await redis.eval(
        CREATE,
        5,
        eventsKey(event.run),
        lockKey(cloud),
        lastKey(cloud),
        activeKey,
        runsKey,
        chain('', json),
        json,
        event.run,
        canonical(lock),
        Date.parse(event.at),
      );
      if (answer === 'exists') {
        throw new OperatorError(`the run id ${event.run} is taken`, {
          hint: 'start again',
          name: 'RunExists',
        });
      }
      if (answer !== 'ok') throw locked(cloud, String(answer));
      const run = fold([RunEvent.parse(JSON.parse(json))]);
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
      const broken = entries.findIndex(({ id, json, hash }, at) => {
        const previous = at === 0 ? '' : (entries[at - 1]?.hash ?? '');
        return id !== `${at + 1}-0` || hash !== chain(previous, json);
      });
      return entries.slice(0, broken === -1 ? undefined : broken).map(eventOf);
    },
    append: async (run, next) => {
      for (;;) {
        const folded = await read(run);
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
      const lock = await redis.get(lockKey(cloud));
      return lock === null ? undefined : CloudLock.parse(JSON.parse(lock));
    },
    lastOf: async (cloud) => (await redis.get(lastKey(cloud))) ?? undefined,
  };
}

interface Folded {
  readonly state: Run;
  readonly hash: string;
}

interface Entry {
  readonly id: string;
  readonly json: string;
  readonly hash: string;
}

/** Each entry's hash covers the one before it, so a changed, lost or inserted event shows. */
const chain = (previous: string, json: string): string =>
  createHash('sha256').update(previous).update(json).digest('hex');

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

function begun(run: string, first: Entry): Folded {
  if (first.id !== '1-0' || first.hash !== chain('', first.json)) throw brokenLog(run, 1);
  return { state: fold([eventOf(first)]), hash: first.hash };
}

function verified(run: string, { state, hash }: Folded, entry: Entry): Folded {
  if (entry.id !== `${state.version + 1}-0` || entry.hash !== chain(hash, entry.json)) {
    throw brokenLog(run, state.version + 1);
  }
  return { state: evolve(state, eventOf(entry)), hash: entry.hash };
}

async function readEntries(redis: Redis, run: string, from: string): Promise<Entry[]> {
  const entries = await redis.xrange(eventsKey(run), from, '+');
  return entries.map(([id, fields]) => ({ id, json: fields[1] ?? '', hash: fields[3] ?? '' }));
}

/** Only of an entry whose hash was checked. */
const eventOf = ({ json }: Entry): RunEvent => RunEvent.parse(JSON.parse(json));

const lockedBy = (event: RunEvent): string => ('by' in event ? event.by : '');

const unknownRun = (run: string): OperatorError =>
  new OperatorError(`there is no run ${run}`, {
    hint: 'see the runs there are with: /upgrade status',
    name: 'UnknownRun',
  });

function brokenLog(run: string, version: number): OperatorError {
  return new OperatorError(`the log of run ${run} was changed from outside at event ${version}`, {
    hint: 'nothing more runs for it; restore Redis from its append-only file, or look at the hosts and start a new run',
    name: 'BrokenLog',
  });
}

function locked(cloud: string, json: string): OperatorError {
  const lock = CloudLock.parse(JSON.parse(json));
  return new OperatorError(
    `${cloud} is held by run ${lock.run} (${lock.why}), which <@${lock.by}> started at ${lock.at}`,
    {
      hint: `wait for it to end, or look at it with: /upgrade status ${lock.run}`,
      name: 'CloudLocked',
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
return 'ok'`;

const APPEND = `
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not top or top[1] ~= ARGV[1] .. '-0' or top[2][4] ~= ARGV[7] then return 'conflict' end
if ARGV[6] == 'take' then
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run ~= ARGV[4] then return held end
  if not held then redis.call('SET', KEYS[2], ARGV[5]) end
  redis.call('SET', KEYS[3], ARGV[4])
  redis.call('SADD', KEYS[4], ARGV[4])
end
redis.call('XADD', KEYS[1], (ARGV[1] + 1) .. '-0', 'event', ARGV[3], 'hash', ARGV[2])
if ARGV[6] == 'release' then
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run == ARGV[4] then redis.call('DEL', KEYS[2]) end
  redis.call('SREM', KEYS[4], ARGV[4])
end
return 'ok'`;
