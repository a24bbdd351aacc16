import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { openEmbeddedRedis } from '../../../jobs/redis/embedded.ts';
import { patientRedis } from '../../../jobs/redis/queue.ts';
import { redisOptions } from '../../../jobs/redis/reach/url.ts';

const log = pino({ level: 'silent' });
let dir: string;

afterEach(() => rm(dir, { recursive: true, force: true }));

const pidOf = async (redis: Redis): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);

describe('the private Redis', () => {
  const folders = {
    'on a socket': 'redis',
    'on a port, where the path is too long for a socket': 'a'.repeat(120),
  };
  for (const [where, folder] of Object.entries(folders)) {
    it(`comes back to those who know it after kill -9: ${where}`, async () => {
      dir = await mkdtemp(join(tmpdir(), 'hopscotch-'));
      const embedded = await openEmbeddedRedis(join(dir, folder), log);
      const url = embedded.url();
      const redis = new Redis({ ...redisOptions(url), ...patientRedis });
      redis.on('error', () => {});
      await redis.set('run', 'approved');
      const first = await pidOf(redis);

      process.kill(first, 'SIGKILL');

      expect(await redis.get('run')).toBe('approved');
      expect(await pidOf(redis)).not.toBe(first);
      expect(embedded.url()).toBe(url);
      redis.disconnect();
      await embedded.stop();
    });
  }

  it('stays away when it is stopped while it starts again', async () => {
    dir = await mkdtemp(join(tmpdir(), 'hopscotch-'));
    const embedded = await openEmbeddedRedis(join(dir, 'redis'), log);
    const redis = new Redis({ ...redisOptions(embedded.url()), ...patientRedis });
    redis.on('error', () => {});
    const gone = new Promise((resolve) => redis.once('close', resolve));
    process.kill(await pidOf(redis), 'SIGKILL');
    await gone;

    await embedded.stop();

    redis.disconnect();
    const caller = connect({ path: join(dir, 'redis/redis.sock') });
    const error = await new Promise((resolve) => caller.once('error', resolve));
    expect(error).toMatchObject({ syscall: 'connect' });
  });
});
