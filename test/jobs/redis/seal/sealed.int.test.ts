import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { contentsKey } from '../../../../jobs/redis/stored/entries.ts';
import { expireEarlierOutputs, openOutputs, outputKey } from '../../../../jobs/redis/output.ts';
import { requireKey } from '../../../../jobs/redis/seal/key.ts';
import { type Keeping, openSeal, plainKeeping } from '../../../../jobs/redis/seal/seal.ts';
import { type RunStore, openRunStore } from '../../../../jobs/redis/store.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  hostReady,
  paused,
  planOf,
  requested,
  runEnded,
  step,
} from '../../../support/runs/events.ts';
import { testStore } from '../../../support/servers/test-store.ts';

const stored = testStore();
const key = randomBytes(32);
const keeping = (keptSeconds = 3600): Keeping => ({
  ...plainKeeping,
  seal: openSeal(key),
  keptSeconds,
});
const secret = 'connection = mysql://nova:pa55word@db1/nova\n';
const plan = planOf(step('conf', { params: { content: secret } }));
const output = { head: Buffer.from(secret), tail: Buffer.from(secret), sizeBytes: 99 };
const run = '7f3a12';

async function begin(how: Keeping): Promise<RunStore> {
  const store = openRunStore(stored.redis, undefined, how);
  const event = requested(plan);
  if (event.type === 'RunRequested') await store.create(event);
  await store.append(run, () => hostReady('ctl1'));
  await openOutputs(stored.redis, how).save(run, 'conf', output);
  return store;
}

/** Everything that Redis has on its disk. */
async function onDisk(): Promise<string> {
  const folder = join(stored.redisDir, 'appendonlydir');
  const files = await readdir(folder);
  return Buffer.concat(
    await Promise.all(files.map((file) => readFile(join(folder, file)))),
  ).toString('latin1');
}

describe('contents and outputs', () => {
  it('stand nowhere on the disk of Redis as they are, and read as they were', async () => {
    const store = await begin(keeping());

    expect(await onDisk()).toContain(contentsKey(run));
    expect(await onDisk()).not.toContain('pa55word');
    expect((await openRunStore(stored.redis, undefined, keeping()).load(run)).plan).toEqual(plan);
    expect((await store.events(run))[0]).toMatchObject({ plan });
    expect(await openOutputs(stored.redis, keeping()).read(run, 'conf')).toMatchObject(output);
  });

  it('that an earlier version wrote in plain are read as they are, and the run goes on', async () => {
    await begin(plainKeeping);
    const store = openRunStore(stored.redis, undefined, keeping());

    expect((await store.load(run)).plan).toEqual(plan);
    expect(await openOutputs(stored.redis, keeping()).read(run, 'conf')).toMatchObject(output);
    await store.append(run, () => paused());
    expect((await store.load(run)).paused).toBeDefined();
  });

  it('are nothing to who has another key: the run reads, and does not go on', async () => {
    await begin(keeping());
    const other: Keeping = { ...plainKeeping, seal: openSeal(randomBytes(32)) };
    const store = openRunStore(stored.redis, undefined, other);

    expect(JSON.stringify(await store.load(run))).not.toContain('pa55word');
    await expect(store.append(run, () => paused())).rejects.toMatchObject({ name: 'ContentsGone' });
    expect(await openOutputs(stored.redis, other).read(run, 'conf')).toBeUndefined();
  });

  it('are gone after their time, also from the append-only file once that is written anew', async () => {
    const store = await begin(keeping(1));
    await store.append(run, () => runEnded('aborted'));
    await eventually(
      async () =>
        (await stored.redis.exists(contentsKey(run), outputKey(run, 'conf'))) === 0 || undefined,
    );
    const before = await onDisk();
    await stored.redis.bgrewriteaof();
    await eventually(
      async () => !(await stored.redis.info()).includes('aof_rewrite_in_progress:1'),
    );

    const after = await eventually(async () => {
      const text = await onDisk();
      return text.includes(contentsKey(run)) ? undefined : text;
    });
    expect(before).toContain('hopscotch-1');
    expect(after).not.toContain('hopscotch-1');
    expect(after).toContain(`hopscotch:run:${run}:events`);
  });

  it('of earlier versions, kept for ever, go as well', async () => {
    await stored.redis.hset(outputKey(run, 'old'), output);

    expect(await expireEarlierOutputs(stored.redis, keeping(600))).toBe(1);
    expect(await expireEarlierOutputs(stored.redis, keeping(600))).toBe(0);
    expect(await stored.redis.ttl(outputKey(run, 'old'))).toBeGreaterThan(590);
  });
});

describe('the key of a Redis', () => {
  it('is the one that it was begun with, and stands nowhere in it', async () => {
    await requireKey(stored.redis, key);
    await requireKey(stored.redis, key);

    await expect(requireKey(stored.redis, randomBytes(32))).rejects.toMatchObject({
      name: 'OtherKey',
      hint: expect.stringContaining('redis-cli DEL hopscotch:key'),
    });
    const disk = await onDisk();
    for (const written of ['base64', 'hex', 'latin1'] as const)
      expect(disk).not.toContain(key.toString(written));
  });
});
