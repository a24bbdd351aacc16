import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { brokenLog, eventsKey } from './stored/entries.ts';
import { type CloudLock, activeRunsKey, cloudLockKey, heldHostsKey } from './lock.ts';
import type { RunStore } from './store.ts';
import type { RunEvent } from '../run/events.ts';
import { agreeUnlockLua } from './scripts/embedded.ts';

/** A cloud that a run holds. */
export interface HeldCloud {
  readonly lock: CloudLock;
  /** Why the run can never give it back. Absent: it can. */
  readonly fault?: OperatorError;
  /** The events of the run that can be read. */
  readonly intact: readonly RunEvent[];
}

interface Agreement {
  readonly run: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  /** How many people have to agree. */
  readonly needed: number;
}

/** For a run that can neither go on nor end: its cloud is taken from it. */
export interface CloudUnlocking {
  /** Undefined where nobody holds the cloud. Throws `NewerLog`. */
  readonly look: (cloud: string) => Promise<HeldCloud | undefined>;
  /** Notes that a person agrees. Answers who has agreed within the last hour, and whether the cloud is free by it. */
  readonly agree: (
    cloud: string,
    agreement: Agreement,
  ) => Promise<{ readonly people: readonly string[]; readonly isFree: boolean }>;
}

/** Who took which cloud from which run, when and why: a list of JSON, oldest first. */
export const unlockedKey = (cloud: string): string => `hopscotch:cloud:${cloud}:unlocked`;
const agreedKey = (cloud: string, run: string): string =>
  `hopscotch:cloud:${cloud}:unlocking:${run}`;
const agreedS = 3600;

export const openCloudUnlocking = (
  redis: Redis,
  store: Pick<RunStore, 'lockOf' | 'append' | 'intact'>,
): CloudUnlocking => ({
  look: async (cloud) => {
    const lock = await store.lockOf(cloud);
    if (lock === undefined) return undefined;
    const fault = await faultOf(redis, store, lock.run);
    const intact = await store.intact(lock.run);
    return fault === undefined ? { lock, intact } : { lock, intact, fault };
  },
  agree: async (cloud, { run, by, at, reason, needed }) => {
    const keys = [
      cloudLockKey(cloud),
      agreedKey(cloud, run),
      activeRunsKey,
      unlockedKey(cloud),
      heldHostsKey,
    ];
    const note = JSON.stringify({ run, by, at, reason });
    const answer = await redis.eval(
      agreeUnlockLua,
      keys.length,
      ...keys,
      run,
      by,
      note,
      needed,
      agreedS,
    );
    const [state, ...people] = Array.isArray(answer) ? answer.map(String) : [];
    return { people, isFree: state === 'free' };
  },
});

/** Appending nothing reads all that appending something would. */
async function faultOf(
  redis: Redis,
  store: Pick<RunStore, 'append'>,
  run: string,
): Promise<OperatorError | undefined> {
  try {
    const { run: state } = await store.append(run, () => undefined);
    const top = await lastId(redis, run);
    return top === `${state.version}-0` ? undefined : brokenLog(run, state.version + 1);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.name === 'NewerLog') throw error;
    return error;
  }
}

/** Of the last entry that there ever was, removed ones too: nothing can be appended behind one of those. */
async function lastId(redis: Redis, run: string): Promise<string> {
  const info = await redis.xinfo('STREAM', eventsKey(run));
  const fields = Array.isArray(info) ? info : [];
  return String(fields[fields.indexOf('last-generated-id') + 1]);
}
