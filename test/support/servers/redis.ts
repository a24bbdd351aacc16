import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { RedisConnecting } from '../../../bot/bot.ts';
import { startRedisServer } from '../../../jobs/redis/server.ts';

export interface TestRedis {
  readonly connect: (how?: RedisConnecting) => Redis;
  readonly url: string;
  /** Leaves the server there, but without an answer, as a machine that hangs. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
}

/** A real Redis for one test file, with nothing in it. */
export async function startTestRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'redis-'));
  const server = await startRedisServer({ dir });
  const clients: Redis[] = [];
  return {
    connect: (how = { maxRetriesPerRequest: null, enableOfflineQueue: true }) => {
      const client = new Redis({ ...server.options, ...how });
      client.on('error', () => {}); // the question itself rejects
      clients.push(client);
      return client;
    },
    url: server.url,
    pause: () => process.kill(server.pid, 'SIGSTOP'),
    resume: () => process.kill(server.pid, 'SIGCONT'),
    stop: async () => {
      for (const client of clients) client.disconnect();
      await server.stop();
      await rm(dir, { recursive: true });
    },
  };
}
