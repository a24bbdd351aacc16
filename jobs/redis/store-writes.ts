import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunEvent } from '../run/events.ts';
import { readEvent, storedEvent } from '../run/upcast.ts';
import { evolve, fold } from '../run/fold.ts';
import { type Plan, canonicalJson } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { takeOutContents } from './contents.ts';
import { brokenLog, chainHash, contentsKey, eventsKey, sealedContents } from './entries.ts';
import type { Keeping } from './seal/seal.ts';
import type { Folded } from './folded-log.ts';
import {
  type CloudLock,
  activeRunsKey,
  cloudLockKey,
  cloudLocked,
  heldHostsKey,
  hostLocked,
  lastRunKey,
  machinesOf,
  machinesOfRun,
  runsKey,
} from './lock.ts';

const keysOf = (run: string, cloud: string): string[] => [
  eventsKey(run),
  cloudLockKey(cloud),
  lastRunKey(cloud),
  activeRunsKey,
  runsKey,
  contentsKey(run),
  heldHostsKey,
];

/** Writes the first event of a run and takes the cloud's lock, both or neither. Throws `CloudLocked` or `RunExists`. */
export async function writeFirst(
  redis: Redis,
  event: Extract<RunEvent, { type: 'RunRequested' }>,
  keeping: Keeping,
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
    JSON.stringify(machinesOf(event.plan)),
    ...sealedContents(event.run, contents, keeping),
  );
  if (answer === 'exists') {
    throw new OperatorError(`the run id ${event.run} is taken`, {
      hint: 'Start again.',
      name: 'RunExists',
    });
  }
  if (answer !== 'ok') throw locked(event.plan, String(answer));
  return fold([readEvent(JSON.parse(whole), event.run)]);
}

/** An event as it will stand in the log, and the state with it. */
export interface NextEntry {
  readonly event: RunEvent;
  readonly json: string;
  readonly contents: Readonly<Record<string, string>>;
  readonly folded: Folded;
}

/** The entry of an event after those that are folded. */
export function entryAfter(
  { state, hash, hasContents, isMissing }: Folded,
  event: RunEvent,
): NextEntry {
  const whole = canonicalJson(storedEvent(event));
  const { json, contents } = takeOutContents(whole);
  const folded: Folded = {
    // Out of what is stored, so that every process has the same state.
    state: evolve(state, readEvent(JSON.parse(whole), state.id)),
    hash: chainHash(hash, json),
    hasContents: hasContents || Object.keys(contents).length > 0,
    isMissing,
  };
  return { event, json, contents, folded };
}

/**
 * Writes entries one after the other behind those that are folded, all or none; answers false where another writer was
 * faster. An event that takes the cloud's lock is alone, one that gives it back the last. Throws `CloudLocked`, and `ContentsGone` where what files held is needed and gone.
 */
export async function writeNext(
  { redis, keeping }: { readonly redis: Redis; readonly keeping: Keeping },
  entries: readonly [NextEntry, ...NextEntry[]],
  { state, hash, hasContents }: Folded,
): Promise<boolean> {
  const { id, plan } = state;
  const keys = keysOf(id, plan.cloud);
  const last = entries[entries.length - 1] ?? entries[0];
  const by = 'by' in last.event ? last.event.by : '';
  const lock: CloudLock = { run: id, by, at: last.event.at, why: plan.title };
  const contents = Object.assign({}, ...entries.map((entry) => entry.contents));
  const answer = await redis.eval(
    APPEND,
    keys.length,
    ...keys,
    state.version,
    hash,
    id,
    canonicalJson(lock),
    last.event.type === 'RunEnded'
      ? 'release'
      : last.event.type === 'RollbackRequested'
        ? 'take'
        : 'keep',
    keeping.keptSeconds,
    hasContents ? 'needed' : 'none',
    JSON.stringify(machinesOfRun(state)),
    entries.length,
    ...entries.flatMap(({ json, folded }) => [json, folded.hash]),
    ...sealedContents(id, contents, keeping),
  );
  if (answer === 'conflict') return false;
  if (answer === 'gone') throw contentsGone(id, keeping);
  if (answer === 'broken') throw brokenLog(id, state.version + 1);
  if (answer !== 'ok') throw locked(plan, String(answer));
  return true;
}

const locked = (plan: Plan, answer: string): OperatorError =>
  answer.startsWith('{"machine"') ? hostLocked(plan, answer) : cloudLocked(plan.cloud, answer);

export const contentsGone = (run: string, { keptSeconds }: Keeping): OperatorError =>
  new OperatorError(
    `what files held in run ${run} is not kept any more (it goes ${keptSeconds / 86_400} days after the end), or this process does not have its key: the run cannot go on or back`,
    { hint: 'Plan the rollback as a runbook of its own.', name: 'ContentsGone' },
  );

/** Answers who else holds one of the machines, and nothing where nobody does. */
const HELD = `
local function held_machine(key, machines, run)
  for _, machine in ipairs(machines) do
    local holder = redis.call('HGET', key, machine)
    if holder and holder ~= run then
      return '{"machine":' .. cjson.encode(machine) .. ',"run":' .. cjson.encode(holder) .. '}'
    end
  end
end
local function hold(key, machines, run)
  for _, machine in ipairs(machines) do redis.call('HSET', key, machine, run) end
end
`;

const CREATE = `
${HELD}
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
local held = redis.call('GET', KEYS[2])
if held then return held end
local machines = cjson.decode(ARGV[6])
local machine = held_machine(KEYS[7], machines, ARGV[3])
if machine then return machine end
hold(KEYS[7], machines, ARGV[3])
redis.call('XADD', KEYS[1], '1-0', 'event', ARGV[2], 'hash', ARGV[1])
redis.call('SET', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], ARGV[3])
redis.call('SADD', KEYS[4], ARGV[3])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[3])
for at = 7, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
return 'ok'`;

const APPEND = `
${HELD}
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not top or top[1] ~= ARGV[1] .. '-0' or top[2][4] ~= ARGV[2] then return 'conflict' end
if ARGV[5] == 'take' then
  if ARGV[7] == 'needed' and redis.call('EXISTS', KEYS[6]) == 0 then return 'gone' end
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run ~= ARGV[3] then return held end
  local machines = cjson.decode(ARGV[8])
  local machine = held_machine(KEYS[7], machines, ARGV[3])
  if machine then return machine end
  hold(KEYS[7], machines, ARGV[3])
  if not held then redis.call('SET', KEYS[2], ARGV[4]) end
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('SADD', KEYS[4], ARGV[3])
  redis.call('PERSIST', KEYS[6])
end
local count = tonumber(ARGV[9])
for at = 10 + 2 * count, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
for n = 1, count do
  local added = redis.pcall('XADD', KEYS[1], (ARGV[1] + n) .. '-0', 'event', ARGV[8 + 2 * n], 'hash', ARGV[9 + 2 * n])
  -- Redis takes nothing behind an entry that was removed.
  if type(added) == 'table' and added.err then
    if string.find(added.err, 'equal or smaller', 1, true) then return 'broken' end
    return added
  end
end
if ARGV[5] == 'release' then
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run == ARGV[3] then redis.call('DEL', KEYS[2]) end
  -- Also what it held and did not write down any more.
  local hosts = redis.call('HGETALL', KEYS[7])
  for at = 1, #hosts, 2 do
    if hosts[at + 1] == ARGV[3] then redis.call('HDEL', KEYS[7], hosts[at]) end
  end
  redis.call('SREM', KEYS[4], ARGV[3])
  redis.call('EXPIRE', KEYS[6], ARGV[6])
end
return 'ok'`;
