import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunEvent } from '../run/events.ts';
import { readEvent, storedEvent } from '../run/upcast.ts';
import { evolve, fold } from '../run/fold.ts';
import { canonicalJson } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { contentsKeptSeconds, takeOutContents } from './contents.ts';
import { chainHash, contentsKey, eventsKey } from './entries.ts';
import type { Folded } from './folded-log.ts';
import {
  type CloudLock,
  activeRunsKey,
  cloudLockKey,
  cloudLocked,
  lastRunKey,
  runsKey,
} from './lock.ts';

const keysOf = (run: string, cloud: string): string[] => [
  eventsKey(run),
  cloudLockKey(cloud),
  lastRunKey(cloud),
  activeRunsKey,
  runsKey,
  contentsKey(run),
];

/** Writes the first event of a run and takes the cloud's lock, both or neither. Throws `CloudLocked` or `RunExists`. */
export async function writeFirst(
  redis: Redis,
  event: Extract<RunEvent, { type: 'RunRequested' }>,
): Promise<Run> {
  const whole = canonicalJson(storedEvent(event));
  const { json, contents } = takeOutContents(whole);
  const { cloud, title } = event.plan;
  const keys = keysOf(event.run, cloud);
  const lock: CloudLock = { run: event.run, by: event.by, at: event.at, why: title };
  const answer = await redis.eval(
    CREATE,
    keys.length,
    ...keys,
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
  if (answer !== 'ok') throw cloudLocked(cloud, String(answer));
  return fold([readEvent(JSON.parse(whole), event.run)]);
}

/**
 * Writes the event after those that are folded, and answers the state with it; undefined where another writer was faster.
 * Throws `CloudLocked`, and `ContentsGone` where what files held is needed and gone.
 */
export async function writeNext(
  redis: Redis,
  event: RunEvent,
  { state, hash, hasContents }: Folded,
): Promise<Run | undefined> {
  const whole = canonicalJson(storedEvent(event));
  const { json, contents } = takeOutContents(whole);
  // Out of what is stored, so that every process has the same state.
  const next = evolve(state, readEvent(JSON.parse(whole), state.id));
  const { id, plan } = state;
  const keys = keysOf(id, plan.cloud);
  const by = 'by' in event ? event.by : '';
  const lock: CloudLock = { run: id, by, at: event.at, why: plan.title };
  const answer = await redis.eval(
    APPEND,
    keys.length,
    ...keys,
    state.version,
    chainHash(hash, json),
    json,
    id,
    canonicalJson(lock),
    event.type === 'RunEnded' ? 'release' : event.type === 'RollbackRequested' ? 'take' : 'keep',
    hash,
    contentsKeptSeconds,
    hasContents ? 'needed' : 'none',
    ...Object.entries(contents).flat(),
  );
  if (answer === 'conflict') return undefined;
  if (answer === 'gone') throw contentsGone(id);
  if (answer !== 'ok') throw cloudLocked(plan.cloud, String(answer));
  return next;
}

export const contentsGone = (run: string): OperatorError =>
  new OperatorError(
    `what files held in run ${run} is not kept any more (it goes ${contentsKeptSeconds / 86_400} days after the end): the run cannot go on or back`,
    { hint: 'Plan the way back as a runbook of its own.', name: 'ContentsGone' },
  );

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
