// The way to Redis: its address, whether it is fit for us, and coming back after a failover.
// Nothing of runs or queues: those are kept next door.
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { wayTo } from './primary.ts';
import type { RedisConnection } from './url.ts';
import { redisRefusalOf } from './refusals.ts';

/** Options for any connection that is kept: it leaves a server that has become a replica, and asks for the right one. */
export function keptOptions(where: RedisConnection) {
  const demoted = { at: 0, inRow: 0 };
  return {
    ...wayTo(where, true),
    connectTimeout: 5000,
    // ioredis sends the command again on the new connection: a replica that refuses a write has done nothing of it.
    reconnectOnError: (error: Error): false | 2 => {
      if (redisRefusalOf(error)?.disposition !== 'reconnect') return false;
      const now = Date.now();
      demoted.inRow = now - demoted.at < 5000 ? demoted.inRow + 1 : 0;
      demoted.at = now;
      return 2;
    },
    retryStrategy: (times: number) => {
      // Connecting works while there is only a replica, so ioredis would come back at once, over and over.
      const again = Date.now() - demoted.at < 5000 ? demoted.inRow : 0;
      return Math.min(50 * 2 ** Math.min(times - 1 + again, 10), 1000);
    },
  } satisfies RedisOptions;
}

/** A connection that is kept, whose errors are said with what to do about them. */
export function openRedis(
  where: RedisConnection,
  how: { readonly maxRetriesPerRequest: number | null; readonly enableOfflineQueue?: boolean },
  log: Logger,
): Redis {
  const redis = new Redis({ ...keptOptions(where), ...how });
  redis.on('error', (error) => sayRefusal(log, error));
  return redis;
}

/** One line about what Redis, or the way to it, refuses. */
export function sayRefusal(log: Logger, error: unknown, fields: object = {}): void {
  const refusal = redisRefusalOf(error);
  if (refusal === undefined) return log.warn({ ...fields, err: error }, 'redis');
  log.warn({ ...fields, err: error, hint: refusal.hint }, `redis: ${refusal.says}`);
}

/** Where it is, for people; without the login. */
export function whereRedisIs(where: RedisConnection): string {
  if (where.path !== undefined) return where.path;
  const { sentinels } = where;
  if (sentinels != null)
    return `${where.name} of ${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')}`;
  return `${where.host}:${where.port}`;
}
