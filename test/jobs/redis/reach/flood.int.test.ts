import { mkdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { openLog } from '../../../../jobs/log/log.ts';
import { openQueue } from '../../../../jobs/redis/queues/open-queue.ts';
import { openWorker } from '../../../../jobs/redis/queues/open-worker.ts';
import { openRedis } from '../../../../jobs/redis/reach/connection.ts';
import { redisOptions } from '../../../../jobs/redis/reach/url.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  type PlainRedis,
  fit,
  redisPrograms,
  startPlainRedis,
} from '../../../support/servers/plain-redis.ts';

const name = '53-log-flood-while-redis-refuses-writes';
const text = readFileSync(join(import.meta.dirname, `../../../cases/${name}.txt`), 'utf8');

let redis: PlainRedis;
let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
  await redis.stop();
});

/** Makes it refuse writes, and mends it. */
const troubles: readonly (readonly [
  string,
  (admin: Redis) => Promise<unknown>,
  (admin: Redis) => Promise<unknown>,
])[] = [
  [
    'it is full (maxmemory) and takes no writes',
    (admin) => admin.config('SET', 'maxmemory', /maxmemory (\d+)/.exec(text)?.[1] ?? ''),
    (admin) => admin.config('SET', 'maxmemory', '0'),
  ],
  [
    'it cannot save its snapshot and takes no writes',
    async (admin) => {
      await admin.config('SET', 'save', /save (1 1)/.exec(text)?.[1] ?? '');
      await mkdir(join(redis.dir, 'dump.rdb'), { recursive: true });
      await eventually(() =>
        admin.set('another:key', '1').then(
          () => false,
          () => true,
        ),
      );
    },
    (admin) => admin.config('SET', 'stop-writes-on-bgsave-error', 'no'),
  ],
];

describe.each(redisPrograms)('on %s that refuses writes', (program) => {
  // OptimalBits/bull#1304 and #540, taskforcesh/bullmq#459 and #906.
  it.each(troubles)(`${name}: %s`, async (says, trouble, mend) => {
    redis = await startPlainRedis({ program, config: fit });
    const lines: string[] = [];
    const log = openLog({ name: 'test', level: 'debug', write: (line) => lines.push(line) });
    const connect = () => openRedis(redisOptions(redis.url), { maxRetriesPerRequest: null }, log);
    const connections = [connect(), connect()] as const;
    const queue = openQueue<object>('steps', connections[0]);
    const done: string[] = [];
    const worker = openWorker('steps', async (job) => done.push(String(job.id)), {
      connection: connections[1],
      log,
    });
    closing = [
      async () => connections.forEach((connection) => connection.disconnect()),
      () => queue.close(),
      () => worker.close(),
    ];
    const admin = redis.client();
    await queue.add('before', {}, { jobId: 'before' });
    await eventually(() => done.includes('before'));
    await trouble(admin);
    await eventually(() => lines.some((line) => line.includes('"repeated"')));

    const said = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
    expect(said.map(({ msg }) => msg)).toContain(`redis: ${says}`);
    expect(said[0]).toMatchObject({ hint: expect.stringContaining('goes on by itself') });
    expect(lines.join('').length).toBeLessThan(10_000);

    await mend(admin);
    await queue.add('after', {}, { jobId: 'after' });
    await eventually(() => done.includes('after'));
  });
});
