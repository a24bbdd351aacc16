import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import {
  abortRequested,
  approvalRequested,
  paused,
  hostReady,
  resumed,
  runEnded,
} from '../../support/runs/events.ts';
import { runRequest, testStore } from '../../support/servers/test-store.ts';

const stored = testStore();

describe('a Redis that went back in time', () => {
  it('is followed by a store that has seen the future', async () => {
    await stored.store.create(runRequest());
    await stored.write('7f3a12', hostReady('ctl1'));
    const log = join(stored.redisDir, 'appendonlydir');
    const copy = join(stored.redisDir, 'copy');
    await cp(log, copy, { recursive: true });
    const future = await stored.write(
      '7f3a12',
      hostReady('cmp1'),
      approvalRequested('restart'),
      paused(),
    );
    expect(future).toMatchObject({ version: 5, paused: { by: 'UBEN' } });
    const idle = openRunStore(stored.redis);
    expect(await idle.load('7f3a12')).toStrictEqual(future);

    await stored.cutPower(async () => {
      await rm(log, { recursive: true });
      await cp(copy, log, { recursive: true });
    });

    const past = await stored.store.load('7f3a12');
    expect(past.version).toBe(2);
    expect([...past.checks.keys()]).toEqual(['ctl1']);

    // The same versions come again with other events.
    const other = await stored.write(
      '7f3a12',
      hostReady('cmp1'),
      abortRequested(),
      resumed(),
      runEnded('aborted'),
    );
    expect(other).toMatchObject({ version: 6, ended: { outcome: 'aborted' } });
    expect(await idle.load('7f3a12')).toStrictEqual(other);
    expect(await openRunStore(stored.redis).load('7f3a12')).toStrictEqual(other);
  });

  it('takes no event that was meant for a history it no longer has', async () => {
    await stored.store.create(runRequest('7f3a12', { by: 'UANN' }));
    const elsewhere = stored.connect();
    await elsewhere.select(1);
    await openRunStore(elsewhere).create(runRequest('7f3a12', { by: 'UBEN' }));
    const key = eventsKey('7f3a12');
    const [[id, fields] = ['', []]] = await elsewhere.xrange(key, '-', '+');
    const seen: string[] = [];

    const { run } = await stored.store.append('7f3a12', (state) => {
      seen.push(state.requestedBy);
      // On the connection of the store, so between its look and its write.
      if (seen.length === 1) {
        void stored.redis.del(key);
        void stored.redis.xadd(key, id, ...fields);
      }
      return paused(state.requestedBy);
    });

    expect(seen).toEqual(['UANN', 'UBEN']);
    expect(run).toMatchObject({ version: 2, requestedBy: 'UBEN', paused: { by: 'UBEN' } });
    expect(await openRunStore(stored.redis).load('7f3a12')).toStrictEqual(run);
  });
});
