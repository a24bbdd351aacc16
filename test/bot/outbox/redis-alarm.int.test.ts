import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { type RedisAlarm, openRedisAlarm } from '../../../bot/outbox/redis-alarm.ts';
import { openLog } from '../../../jobs/log/log.ts';
import { type RedisWatch, watchRedis } from '../../../jobs/redis/reach/watch.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { eventually } from '../../support/eventually.ts';
import { inOrder, planOf, requested, step } from '../../support/runs/events.ts';
import { type PlainRedis, startPlainRedis } from '../../support/servers/plain-redis.ts';

let redis: PlainRedis;
let watch: RedisWatch;
let alarm: RedisAlarm;
let posts: string[];
let lines: string[];

beforeEach(async () => {
  redis = await startPlainRedis();
  posts = [];
  lines = [];
  const log = openLog({ name: 'bot', level: 'info', write: (line) => lines.push(line) });
  const run = fold(inOrder(requested(planOf(step('s1')))));
  alarm = openRedisAlarm({
    chat: {
      postMessage: async (message) => {
        posts.push(message !== undefined && 'text' in message ? (message.text ?? '') : '');
        return { ok: true };
      },
    },
    activeRuns: async () => [run],
    log,
    patienceMs: 50,
  });
  watch = watchRedis({
    redis: redis.client(),
    log,
    everyMs: 50,
    answersWithinMs: 2000,
    changed: alarm.changed,
  });
});
afterEach(async () => {
  watch.close();
  alarm.close();
  await redis.stop();
});

type Change = (admin: Redis, server: PlainRedis) => unknown;
const set =
  (name: string, value: string): Change =>
  (admin) =>
    admin.config('SET', name, value);

describe('a Redis that was fit at the start', () => {
  it.each<[string, string, Change, Change]>([
    [
      'may evict',
      'its maxmemory-policy is allkeys-lru',
      set('maxmemory-policy', 'allkeys-lru'),
      set('maxmemory-policy', 'noeviction'),
    ],
    [
      'keeps no file',
      'it keeps no append-only file',
      set('appendonly', 'no'),
      set('appendonly', 'yes'),
    ],
    [
      'is full',
      'it is full (maxmemory) and takes no writes',
      set('maxmemory', '100kb'),
      set('maxmemory', '0'),
    ],
    [
      'is a replica',
      'it is a replica, which takes no writes',
      (admin) => admin.replicaof('127.0.0.1', 1),
      (admin) => admin.replicaof('NO', 'ONE'),
    ],
    [
      'is frozen',
      'it does not answer',
      (_admin, server) => server.signal('SIGSTOP'),
      (_admin, server) => server.signal('SIGCONT'),
    ],
  ])(
    'wakes those whose runs stand once it %s, and says when it is over',
    async (_what, says, ...[change, mend]) => {
      await change(redis.client(), redis);
      await eventually(() => posts.length > 0);

      expect(watch.trouble()?.says).toContain(says);
      expect(posts[0]).toMatch(/^<@UANN> Hopscotch's Redis: .* run \S+ stands still/);
      expect(posts[0]).toContain(says);
      expect(lines.filter((line) => line.includes(says))).toHaveLength(1);

      await mend(redis.client(), redis);
      await eventually(() => posts.length > 1);
      expect(posts[1]).toBe('Redis is fit again: runs go on by themselves.');
      expect(watch.trouble()).toBeUndefined();
    },
  );
});
