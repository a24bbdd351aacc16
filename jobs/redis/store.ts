import type { Redis } from 'ioredis';
import { eventOf, isNextEntry, readEntries } from './stored/entries.ts';
import type { RunEvent } from '../run/events.ts';
import type { Run } from '../run/run.ts';
import { foldedLogs, wholeLogs } from './folded-log.ts';
import { type Keeping, plainKeeping } from './seal/seal.ts';
import {
  CloudLock,
  cloudLockKey,
  lastRunKey,
  runsKey,
  activeRunsKey,
  holdMachine,
} from './lock.ts';
import { type AppendedEvent, openRunWriter } from './run-writer.ts';
import { writeFirst } from './store-writes.ts';

export interface RunStore {
  /** Writes the first event of a run and takes the cloud's lock, both or neither. Throws `CloudLocked` or `RunExists`. */
  readonly create: (event: Extract<RunEvent, { type: 'RunRequested' }>) => Promise<Run>;
  /** Throws `UnknownRun`, `BrokenLog` when the chain of hashes does not hold, or `NewerLog` for what a newer version wrote. */
  readonly load: (run: string) => Promise<Run>;
  /** As this process wrote it a moment ago, without asking; undefined where it did not. Others may have written since. */
  readonly written: (run: string) => Run | undefined;
  /**
   * Every event, oldest first: the audit trail. Throws as `load` does. What was read within the last five minutes is not read
   * once more.
   */
  readonly events: (run: string) => Promise<readonly RunEvent[]>;
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
  /**
   * Lets a run hold the machine that showed a host key, until it ends. Throws `HostLocked` where a run of another cloud holds
   * it, under whatever address.
   */
  readonly holdMachine: (
    run: Pick<Run, 'id' | 'plan'>,
    shown: { readonly host: string; readonly hostKey: string },
  ) => Promise<void>;
  /** The latest runs, newest first. */
  readonly recent: (count: number) => Promise<string[]>;
  readonly active: () => Promise<string[]>;
  readonly lockOf: (cloud: string) => Promise<CloudLock | undefined>;
  /** The run that last held the cloud. */
  readonly lastOf: (cloud: string) => Promise<string | undefined>;
}

/** `onAppend` is told of every run that has new events, after they are stored. */
export function openRunStore(
  redis: Redis,
  onAppend: (run: Run) => Promise<void> = async () => {},
  keeping: Keeping = plainKeeping,
): RunStore {
  const logs = foldedLogs(redis, keeping);
  const { read } = logs;
  return {
    create: async (event) => {
      const run = await writeFirst(redis, event, keeping);
      await onAppend(run);
      return run;
    },
    load: async (run) => (await read(run)).state,
    written: (run) => logs.written(run)?.state,
    events: wholeLogs(redis, keeping),
    intact: async (run) => {
      const entries = await readEntries(redis, { run, from: '-' }, keeping);
      const broken = entries.findIndex(
        (entry, index) =>
          !isNextEntry(entry, { version: index, hash: entries[index - 1]?.hash ?? '' }),
      );
      return entries
        .slice(0, broken === -1 ? undefined : broken)
        .map((entry) => eventOf(entry, run));
    },
    append: openRunWriter({ redis, logs, onAppend, keeping }),
    holdMachine: (run, shown) => holdMachine(redis, run, shown),
    recent: (count) => redis.zrevrange(runsKey, 0, count - 1),
    active: () => redis.smembers(activeRunsKey),
    lockOf: async (cloud) => {
      const lock = await redis.get(cloudLockKey(cloud));
      return lock === null ? undefined : CloudLock.parse(JSON.parse(lock));
    },
    lastOf: async (cloud) => (await redis.get(lastRunKey(cloud))) ?? undefined,
  };
}
