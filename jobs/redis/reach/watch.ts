import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { again } from '../again.ts';
import { infoFields, refusalsByInfo } from './info.ts';
import { type RedisRefusal, redisRefusalOf } from './refusals.ts';
import { saidUnasked } from './unasked.ts';
import { within } from './within.ts';

export interface RedisWatch {
  /** What makes Redis unfit at the moment. */
  readonly trouble: () => (RedisRefusal & { readonly since: string }) | undefined;
  readonly close: () => void;
}

interface Options {
  /** A connection of its own, which fails instead of waiting. */
  readonly redis: Redis;
  readonly log: Logger;
  readonly everyMs?: number;
  /** One that is frozen keeps the connection and says nothing: after so long without an answer that is what is wrong. */
  readonly answersWithinMs?: number;
  /** Told of every change: what is wrong now, or undefined once nothing is. */
  readonly changed?: (trouble: RedisRefusal | undefined) => void;
}

/** Looks at Redis again and again: its policy, role and files may change after the start, and it may fill up. */
export function watchRedis(options: Options): RedisWatch {
  const { redis, log, everyMs = 5000, answersWithinMs = 10_000, changed } = options;
  let trouble: ReturnType<RedisWatch['trouble']>;
  /** Not asked again before it has answered. */
  let answer: Promise<RedisRefusal | undefined> | undefined;
  const look = async (): Promise<void> => {
    answer ??= troubleOf(redis).finally(() => (answer = undefined));
    const found = await within(answersWithinMs, answer).catch(redisRefusalOf);
    // It follows the primary that it was told of; another one may be there by now.
    if (found?.disposition === 'reconnect') redis.disconnect(true);
    if (found?.code === trouble?.code) return;
    trouble = found === undefined ? undefined : { ...found, since: new Date().toISOString() };
    if (found === undefined) log.info('redis is fit again');
    else log.error({ hint: found.hint }, `redis: ${found.says}`);
    changed?.(found);
  };
  const close = again(look, everyMs, (error) => log.error({ err: error }, 'looking at redis'));
  return { trouble: () => trouble, close };
}

/** Never rejects. */
async function troubleOf(redis: Redis): Promise<RedisRefusal | undefined> {
  try {
    const [first] = refusalsByInfo(infoFields(await redis.info()));
    if (first !== undefined) return first;
    await redis.set('hopscotch:probe', '1', 'PX', 60_000);
    return undefined;
  } catch (error) {
    const refusal = redisRefusalOf(error);
    if (refusal?.code === 'connectionGone') return (await saidUnasked(redis.options)) ?? refusal;
    if (refusal !== undefined) return refusal;
    return { code: 'other', disposition: 'wait', says: 'it does not answer', hint: 'See its log.' };
  }
}
