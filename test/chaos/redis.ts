import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { redisOptions } from '../../jobs/redis/reach/url.ts';
import { openRedis } from '../../jobs/redis/reach/connection.ts';
import { startRedisServer } from '../../jobs/redis/server.ts';
import { type PrimaryFate, pairBehindSentinel } from '../support/servers/redis-pair.ts';
import type { ChaosWorld } from './cells.ts';

/** The Redis of a world, and what can happen to it there. */
export interface ChaosRedis {
  readonly url: string;
  /** A connection of ours, which fails instead of waiting. */
  readonly connect: () => Redis;
  readonly restart: () => Promise<void>;
  /** Puts it back to where it was when this was called, once `meanwhile` is over. */
  readonly goBack: (meanwhile: () => Promise<void>) => Promise<void>;
  /** Another server takes over; resolves once the old one follows it. */
  readonly failOver: (fate: PrimaryFate) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const startChaosRedis = (dir: string, world: ChaosWorld): Promise<ChaosRedis> =>
  world === 'Sentinel' ? redisBehindSentinel() : singleRedis(dir);

const elsewhere = (): Promise<never> => Promise.reject(new Error('not in this world'));

async function singleRedis(dir: string): Promise<ChaosRedis> {
  let server = await startRedisServer({ dir });
  const { options: address, url } = server;
  const log = join(dir, 'appendonlydir');
  const copy = join(dir, 'copy');
  const start = async (): Promise<void> => {
    server = await startRedisServer({ dir, address });
  };
  return {
    url,
    connect: () => {
      const redis = new Redis({ ...address, maxRetriesPerRequest: 1 });
      redis.on('error', () => {});
      return redis;
    },
    restart: async () => {
      await server.kill9();
      await start();
    },
    goBack: async (meanwhile) => {
      await rm(copy, { recursive: true, force: true });
      await cp(log, copy, { recursive: true });
      await meanwhile();
      await server.kill9();
      await rm(log, { recursive: true });
      await cp(copy, log, { recursive: true });
      await start();
    },
    failOver: elsewhere,
    stop: () => server.stop(),
  };
}

async function redisBehindSentinel(): Promise<ChaosRedis> {
  const pair = await pairBehindSentinel('killed');
  return {
    url: pair.url,
    connect: () =>
      openRedis(redisOptions(pair.url), { maxRetriesPerRequest: 1 }, pino({ level: 'silent' })),
    restart: elsewhere,
    goBack: elsewhere,
    failOver: async (fate) => {
      await pair.ready();
      await pair.failOver(fate);
      await pair.mend(fate);
    },
    stop: () => pair.stop(),
  };
}
