import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { whereRedisIs } from './connection.ts';
import { infoFields, refusalsByInfo } from './info.ts';
import { type RedisRefusal, redisRefusalOf } from './refusals.ts';
import { refusedCommands } from './rights.ts';
import { saidUnasked } from './unasked.ts';
import { wayTo } from './primary.ts';
import type { RedisConnection } from './url.ts';

/**
 * Resolves once Redis is fit to hold runs. Waits while it may become so by itself, and says once why. Throws
 * `RedisRefused` where a person has to change something.
 */
export async function requireRedis(where: RedisConnection, log: Logger): Promise<void> {
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, 15_000)) {
    const problems = await redisRefusals(where);
    if (problems.some(({ disposition }) => disposition === 'stop'))
      throw redisRefused(where, problems);
    const [first] = problems;
    if (first === undefined) return;
    log.warn({ redis: whereRedisIs(where), hint: first.hint }, `waiting for redis: ${first.says}`);
    await sleep(pauseMs);
  }
}

/** All that makes a Redis unfit for runs, found by asking and by trying. Never rejects for what Redis or the way to it says. */
export async function redisRefusals(where: RedisConnection): Promise<readonly RedisRefusal[]> {
  const redis = new Redis({
    ...wayTo(where, false),
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: 5000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    disconnectTimeout: 1,
  });
  // What ended a connection is told here alone; commands only learn that it is closed.
  let why: unknown;
  redis.on('error', (error) => (why ??= error));
  try {
    await redis.connect();
    const said = refusalsByInfo(infoFields(await redis.info()));
    // A replica takes no tries, and what is no Redis knows no commands.
    if (said.some(({ code }) => ['cluster', 'replica', 'sentinel'].includes(code))) return said;
    const tried = await triedOn(redis);
    // Some refusals, such as that of a database number, end no connection: it would go on in another database.
    return [...(why === undefined ? [] : [refusalOf(why)]), ...said, ...tried];
  } catch (error) {
    const refusal = refusalOf(why ?? error);
    const unasked = refusal.code === 'connectionGone' ? await saidUnasked(where) : undefined;
    return [withTls(where, unasked ?? refusal)];
  } finally {
    redis.disconnect();
  }
}

/** A port without TLS waits for more of what it takes for a command; TLS 1.3 ends what lacks a certificate without a word. */
function withTls({ tls }: RedisConnection, refusal: RedisRefusal): RedisRefusal {
  if (tls === undefined) return refusal;
  switch (refusal.code) {
    case 'silent':
      return {
        ...refusal,
        hint: `${refusal.hint} If that port speaks no TLS, write redis:// in place of rediss://.`,
      };
    case 'connectionGone':
      return {
        ...refusal,
        hint: 'See the log of Redis: it may want a certificate of the client (set tls-auth-clients no there), or lie behind something that ends connections.',
      };
    default:
      return refusal;
  }
}

async function triedOn(redis: Redis): Promise<readonly RedisRefusal[]> {
  try {
    await redis.set('hopscotch:probe', '1', 'PX', 60_000);
    const refused = await refusedCommands(redis);
    return refused.length === 0 ? [] : [lacks(refused)];
  } catch (error) {
    return [refusalOf(error)];
  }
}

function refusalOf(error: unknown): RedisRefusal {
  const refusal = redisRefusalOf(error);
  if (refusal !== undefined) return refusal;
  if (!types.isNativeError(error)) throw error;
  return { code: 'other', disposition: 'wait', says: error.message, hint: 'See the log of Redis.' };
}

const lacks = (refused: readonly string[]): RedisRefusal => ({
  code: 'noRights',
  disposition: 'stop',
  says: `the user of REDIS_URL may not use ${refused.slice(0, 5).join(', ')}${refused.length > 5 ? ` and ${refused.length - 5} more` : ''} on keys that begin with hopscotch:`,
  hint: 'Give the user the rights that docs/redis.md lists; ACL SETUSER sets them.',
});

export function redisRefused(
  where: RedisConnection,
  problems: readonly RedisRefusal[],
): OperatorError {
  const [says, hints] = [problems.map((each) => each.says), problems.map((each) => each.hint)];
  return new OperatorError(`checking Redis at ${whereRedisIs(where)}: ${says.join('; ')}`, {
    name: 'RedisRefused',
    hint: [...new Set(hints)].join(' '),
  });
}
