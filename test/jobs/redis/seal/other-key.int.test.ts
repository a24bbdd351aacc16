import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../../support/eventually.ts';
import { type PartProcess, startPart } from '../../../support/processes/part.ts';
import { type PlainRedis, startPlainRedis } from '../../../support/servers/plain-redis.ts';

let redis: PlainRedis;
let parts: PartProcess[] = [];

afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  parts = [];
  await redis.stop();
});

async function start(
  part: 'bot-process' | 'worker-process',
  env: Record<string, string>,
): Promise<PartProcess> {
  const process = await startPart(part, { REDIS_URL: redis.url, ...env });
  parts.push(process);
  return process;
}

describe('a process on a Redis that others share', () => {
  it('refuses to start with another key than theirs, and shows no key', async () => {
    redis = await startPlainRedis();
    const keys = [1, 2].map(() => randomBytes(32).toString('base64'));
    const first = await start('worker-process', { HOPSCOTCH_KEY: keys[0] ?? '' });
    await eventually(() => first.output().includes('"ready"'));

    const others = await Promise.all(
      (['worker-process', 'bot-process'] as const).map((part) =>
        start(part, { HOPSCOTCH_KEY: keys[1] ?? '' }),
      ),
    );

    for (const other of others) {
      expect(await other.exited).toBe(1);
      expect(other.output()).toContain('starting on a Redis that was written with another key');
      expect(other.output()).not.toContain(keys[1]);
    }
  });

  it('does not start without a key, and says how to make one', async () => {
    redis = await startPlainRedis();
    const worker = await start('worker-process', { HOPSCOTCH_KEY: '' });

    expect(await worker.exited).toBe(1);
    expect(worker.output()).toContain('make one with: openssl rand -base64 32');
  });
});
