import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { refusedCommandsLua } from './scripts/embedded.ts';

/**
 * The rights that a user of Redis needs, as words for ACL SETUSER. Keys begin with `hopscotch:`; no channels; nothing that
 * is dangerous to others but INFO, which says whether the server is fit; and the clock that scripts go by.
 */
export const neededRights =
  'resetkeys ~hopscotch:* resetchannels -@all +@read +@write +@connection +@transaction +@scripting +@blocking -@dangerous +info +time';

/** Every command that we, BullMQ and its scripts send with a key, and words that do no harm to a key of its own. */
export const neededCommands: Readonly<Record<string, readonly string[]>> = {
  DEL: [],
  EXISTS: [],
  EXPIRE: ['60'],
  GET: [],
  HDEL: ['f'],
  HEXISTS: ['f'],
  HGET: ['f'],
  HGETALL: [],
  HINCRBY: ['f', '1'],
  HLEN: [],
  HMGET: ['f'],
  HMSET: ['f', '1'],
  HSET: ['f', '1'],
  INCR: [],
  INCRBY: ['1'],
  LINDEX: ['0'],
  LLEN: [],
  LPOP: [],
  LPOS: ['x'],
  LPUSH: ['x'],
  LRANGE: ['0', '0'],
  LREM: ['0', 'x'],
  LSET: ['0', 'x'],
  LTRIM: ['0', '0'],
  PERSIST: [],
  PEXPIRE: ['60000'],
  PEXPIREAT: ['9999999999999'],
  PTTL: [],
  RENAME: ['KEY'],
  RPOP: [],
  RPOPLPUSH: ['KEY'],
  RPUSH: ['x'],
  SADD: ['x'],
  SCARD: [],
  SET: ['1', 'PX', '60000'],
  SISMEMBER: ['x'],
  SMEMBERS: [],
  SREM: ['x'],
  TYPE: [],
  UNLINK: [],
  XADD: ['*', 'f', '1'],
  XDEL: ['1-0'],
  XLEN: [],
  XRANGE: ['-', '+'],
  XREVRANGE: ['-', '+'],
  XTRIM: ['MAXLEN', '0'],
  ZADD: ['1', 'x'],
  ZCARD: [],
  ZCOUNT: ['0', '1'],
  ZLEXCOUNT: ['-', '+'],
  ZPOPMIN: [],
  ZRANGE: ['0', '0'],
  ZRANGEBYLEX: ['-', '+'],
  ZRANGEBYSCORE: ['0', '1'],
  ZREM: ['x'],
  ZREMRANGEBYRANK: ['0', '0'],
  ZREMRANGEBYSCORE: ['0', '1'],
  ZREVRANGE: ['0', '0'],
  ZREVRANGEBYSCORE: ['1', '0'],
  ZSCORE: ['x'],
};

/** What else is sent, outside of scripts. */
export const neededBareCommands = [
  'BZPOPMIN',
  'XREAD',
  'MULTI',
  'EVAL',
  'EVALSHA',
  'INFO',
  'TIME',
  'CLIENT',
] as const;

/**
 * The commands that this connection may not send. Tried on a key of its own for each kind of key, since asking
 * (ACL DRYRUN) would need more rights than doing. Rejects where the very trying is refused.
 */
export async function refusedCommands(redis: Redis): Promise<readonly string[]> {
  const refused = new Set<string>();
  const words = Object.entries(neededCommands).flatMap(([name, rest]) => [
    name,
    rest.length,
    ...rest,
  ]);
  for (const kind of ['hopscotch:probe:', 'hopscotch:queue:probe:']) {
    const key = kind + randomUUID();
    const answer: unknown = await redis.eval(refusedCommandsLua, 1, key, ...words);
    if (Array.isArray(answer)) for (const name of answer) refused.add(String(name));
    const tries: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['BZPOPMIN', () => redis.bzpopmin(key, 0.01)],
      ['XREAD', () => redis.xread('BLOCK', 1, 'STREAMS', key, '$')],
      ['MULTI', () => redis.multi().exists(key).exec()],
      ['TIME', () => redis.time()],
      ['CLIENT', () => redis.client('SETNAME', 'hopscotch')],
    ];
    for (const [name, attempt] of tries)
      await attempt().catch((error: unknown) => {
        if (!/NOPERM|unknown command|EXEC without MULTI/.test(String(error))) throw error;
        refused.add(name);
      });
  }
  return [...refused];
}
