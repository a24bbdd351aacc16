import type { Logger } from 'pino';
import { type RedisServer, startRedisServer } from './redis-server.ts';

export interface EmbeddedRedis {
  /** Where it answers now; another place after a restart, where no Unix socket could be used. */
  readonly url: () => string;
  readonly stop: () => Promise<void>;
}

/** A private Redis that is started again on its append-only file whenever it dies. */
export async function openEmbeddedRedis(dir: string, log: Logger): Promise<EmbeddedRedis> {
  let stopping = false;
  let server: RedisServer = await startRedisServer({ dir });
  watch(server);

  function watch({ exited }: RedisServer): void {
    void exited.then(async (code) => {
      if (stopping) return;
      log.error({ code }, 'redis ended; starting it again on its append-only file');
      server = await restart();
      watch(server);
    });
  }

  async function restart(): Promise<RedisServer> {
    for (;;) {
      try {
        return await startRedisServer({ dir });
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
      await server.stop();
    },
  };
}
