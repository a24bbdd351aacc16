import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { RunStore } from '../redis/store.ts';
import * as remote from '../remote/remote.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { SshTarget } from '../ssh/target.ts';

interface Housekeeping {
  readonly redis: Redis;
  readonly store: Pick<RunStore, 'recent' | 'load'>;
  readonly ssh: Ssh;
  readonly log: Logger;
}

const key = 'hopscotch:housekeeping';
const dayS = 24 * 3600;
/** Hosts of older runs were tidied while those were young. */
const runsLookedAt = 100;

/** Asks every hour whether it is time, until what it answers is called. */
export function tidyDaily(housekeeping: Housekeeping): () => void {
  const timer = setInterval(() => {
    tidyHosts(housekeeping).catch((error: unknown) =>
      housekeeping.log.warn({ err: error }, 'tidying hosts'),
    );
  }, 3_600_000);
  return () => clearInterval(timer);
}

/**
 * Once a day, whichever worker comes first: removes what old steps left on the hosts of the latest runs, be they ever used
 * again or not. Answers how many records went; undefined where somebody did it within the last day.
 */
export async function tidyHosts({
  redis,
  store,
  ssh,
  log,
}: Housekeeping): Promise<number | undefined> {
  if ((await redis.set(key, '1', 'EX', dayS, 'NX')) === null) return undefined;
  const machines = new Map<string, SshTarget>();
  for (const id of await store.recent(runsLookedAt)) {
    // The log of one run may be broken; the others have hosts, too.
    const run = await store.load(id).catch(() => undefined);
    for (const target of Object.values(run?.plan.targets ?? {})) {
      const { address, port, bastion } = target;
      const machine = JSON.stringify([bastion?.address, address, port]);
      if (!machines.has(machine)) machines.set(machine, target);
    }
  }
  let count = 0;
  for (const target of machines.values()) {
    try {
      const { removed } = await remote.pruneExecutions(ssh, target);
      count += removed;
    } catch (error) {
      // Tomorrow is a day, too.
      log.debug({ host: target.host, err: error }, 'tidying a host');
    }
  }
  log.info({ hosts: machines.size, removed: count }, 'tidied hosts');
  return count;
}
