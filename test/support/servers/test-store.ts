import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { type RedisServer, startRedisServer } from '../../../jobs/redis/server.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import {
  hostReady,
  planOf,
  requested,
  runEnded,
  started,
  step,
  succeeded,
  work,
} from '../runs/events.ts';

/** A store on a real Redis, with nothing in it before each test. */
export interface TestStore {
  readonly store: RunStore;
  readonly redis: Redis;
  /** One more connection. */
  readonly connect: () => Redis;
  /** Where Redis keeps its files. */
  readonly redisDir: string;
  /** Ends Redis as a power cut would, and starts it again on what its folder holds after the change. */
  readonly cutPower: (change: () => Promise<void>) => Promise<void>;
  /** Appends whatever the state, one event after the other; the first of them may ask for the run. */
  readonly happened: (...events: readonly RunEvent[]) => Promise<void>;
  /** The same for a run that is there. */
  readonly write: (id: string, ...events: readonly RunEvent[]) => Promise<Run>;
}

export function testStore(): TestStore {
  let dir: string;
  let server: RedisServer;
  let redis: Redis;
  let store: RunStore;
  let latest = '';
  const clients: Redis[] = [];
  const redisDir = (): string => join(dir, 'redis');
  const connect = (): Redis => {
    const client = new Redis({ ...server.options, maxRetriesPerRequest: null });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hopscotch-store-'));
    server = await startRedisServer({ dir: redisDir() });
    redis = connect();
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await redis.flushall();
    store = openRunStore(redis);
  });

  return {
    get store() {
      return store;
    },
    get redis() {
      return redis;
    },
    connect,
    get redisDir() {
      return redisDir();
    },
    cutPower: async (change) => {
      await server.kill9();
      await change();
      server = await startRedisServer({ dir: redisDir(), address: server.options });
    },
    happened: async (...events) => {
      for (const event of events)
        if (event.type === 'RunRequested') ({ id: latest } = await store.create(event));
        else await store.append(latest, () => event);
    },
    write: async (id, ...events) => {
      let run = await store.load(id);
      for (const event of events) ({ run } = await store.append(id, () => event));
      return run;
    },
  };
}

type Requested = Extract<RunEvent, { type: 'RunRequested' }>;

/** A run is asked for, of one step on two hosts where no plan is given. */
export function runRequest(run = '7f3a12', rest: Partial<Requested> = {}): Requested {
  const event = requested(rest.plan ?? planOf(step('restart', { hosts: ['ctl1', 'cmp1'] })));
  if (event.type !== 'RunRequested') throw new Error('not a request');
  return { ...event, run, ...rest };
}

/** A run of one step on ctl1 that succeeded. */
export async function writeEndedRun(
  { store, write }: TestStore,
  params: object = {},
): Promise<void> {
  const plan = planOf(step('drain', { hosts: ['ctl1'], params: { ...params } }));
  const { id } = await store.create(runRequest(undefined, { plan }));
  const doing = [started(work('drain')), succeeded(work('drain'))];
  await write(id, hostReady('ctl1'), ...doing, runEnded('succeeded'));
}
