import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type RedisServer, startRedisServer } from './server.ts';

export interface EmbeddedRedis {
  /** Where it answers, also after it was started again. */
  readonly url: () => string;
  readonly stop: () => Promise<void>;
}

const tidyMs = 24 * 3_600_000;
/** A store of years takes a processor for seconds, which the start needs itself. */
const firstTidyMs = 60_000;

/** A private Redis that is started again on its append-only file whenever it dies. */
export async function openEmbeddedRedis(dir: string, log: Logger): Promise<EmbeddedRedis> {
  let stopping = false;
  let server: RedisServer = await startRedisServer({ dir });
  const { options: address } = server;
  const watching = watch();
  const tidying = [
    setTimeout(() => void tidy(), firstTidyMs).unref(),
    setInterval(() => void tidy(), tidyMs).unref(),
  ];

  /** What has expired is in the append-only file until that is written anew, which Redis alone does by its size. */
  async function tidy(): Promise<void> {
    const redis = new Redis({ ...address, lazyConnect: true, maxRetriesPerRequest: 1 });
    redis.on('error', () => {});
    try {
      await redis.connect();
      await redis.bgrewriteaof();
    } catch (error) {
      log.warn({ err: error }, 'writing the append-only file anew');
    } finally {
      redis.disconnect();
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      const code = await server.exited;
      if (stopping) return;
      log.error({ code }, 'redis ended; starting it again on its append-only file');
      await restart();
      if (stopping) return;
    }
  }

  async function restart(): Promise<void> {
    for (;;) {
      if (stopping) return;
      try {
        server = await startRedisServer({ dir, address });
        return;
      } catch (error) {
        log.error({ err: error }, 'starting redis');
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  return {
    url: () => server.url,
    stop: async () => {
      stopping = true;
      tidying.forEach(clearTimeout);
      await server.stop();
      await watching;
      // It may have been starting again just then.
      await server.stop();
    },
  };
}
