import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunEvent } from '../run/events.ts';
import { readEvent, storedEvent } from '../run/upcast.ts';
import { evolve, fold } from '../run/fold.ts';
import { type Plan, canonicalJson } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { takeOutContents } from './stored/contents.ts';
import {
  brokenLog,
  chainHash,
  contentsKey,
  eventOf,
  eventsKey,
  sealedContents,
} from './stored/entries.ts';
import { planKey, takeOutPlan } from './stored/plans.ts';
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
import { appendEventsLua, createRunLua } from './scripts/embedded.ts';

const keysOf = (run: string, cloud: string): string[] => [
  eventsKey(run),
  cloudLockKey(cloud),
  lastRunKey(cloud),
  activeRunsKey,
  runsKey,
  contentsKey(run),
  heldHostsKey,
  planKey(run),
];

/** Writes the first event of a run and takes the cloud's lock, both or neither. Throws `CloudLocked` or `RunExists`. */
export async function writeFirst(
  redis: Redis,
  event: Extract<RunEvent, { type: 'RunRequested' }>,
  keeping: Keeping,
): Promise<Run> {
  const plan = await takeOutPlan(event.plan);
  const own = takeOutContents(canonicalJson({ ...storedEvent(event), plan: plan.reference }));
  const { json } = own;
  const contents = { ...plan.contents, ...own.contents };
  const { cloud, title } = event.plan;
  const keys = keysOf(event.run, cloud);
  const lock: CloudLock = { run: event.run, by: event.by, at: event.at, why: title };
  const answer = await redis.eval(
    createRunLua,
    keys.length,
    ...keys,
    chainHash('', json),
    json,
    event.run,
    canonicalJson(lock),
    Date.parse(event.at),
    JSON.stringify(machinesOf(event.plan)),
    plan.packed,
    ...sealedContents(event.run, contents, keeping),
  );
  if (answer === 'exists') throw runExists(event.run);
  if (answer !== 'ok') throw locked(event.plan, String(answer));
  const entry = { id: '1-0', json, hash: '', contents, plan: plan.beside };
  return fold([eventOf(entry, event.run)]);
}

export const runExists = (run: string): OperatorError =>
  new OperatorError(`the run id ${run} is taken`, { hint: 'Start again.', name: 'RunExists' });

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
    appendEventsLua,
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
    // Of many hosts they are long, and only who takes them asks for them.
    JSON.stringify(last.event.type === 'RollbackRequested' ? machinesOfRun(state) : []),
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
