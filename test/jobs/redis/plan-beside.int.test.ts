import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { chainHash, eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { planKey } from '../../../jobs/redis/stored/plans.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { canonicalJson } from '../../../jobs/run/plan.ts';
import { rejection } from '../../support/eventually.ts';
import { planOf, requested, step } from '../../support/runs/events.ts';
import { testStore } from '../../support/servers/test-store.ts';

const stored = testStore();
const key = eventsKey('7f3a12');

/** A request whose plan no other test has, so that nobody has read it yet. */
function anyRequest(title: string): Extract<RunEvent, { type: 'RunRequested' }> {
  const request = requested({ ...planOf(step('drain')), title });
  if (request.type !== 'RunRequested') throw new Error('not a request');
  return request;
}

describe('the plan of a run', () => {
  it('stands beside its log, which names it by its hash', async () => {
    const request = anyRequest('beside');
    await stored.store.create(request);

    const [[, [, json = '']] = ['', []]] = await stored.redis.xrange(key, '-', '+');
    expect(JSON.parse(json)).toMatchObject({
      type: 'RunRequested',
      plan: { $plan: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const store = openRunStore(stored.redis);
    expect(await store.load('7f3a12')).toStrictEqual(fold([request]));
    expect(await store.events('7f3a12')).toStrictEqual([request]);
  });

  it('is read from the log itself where an earlier version wrote it there', async () => {
    const request = anyRequest('inside');
    const json = canonicalJson({ ...request, schema: 4 });
    await stored.redis.xadd(key, '1-0', 'event', json, 'hash', chainHash('', json));

    const store = openRunStore(stored.redis);
    expect(await store.load('7f3a12')).toStrictEqual(fold([request]));
    const { run } = await store.append('7f3a12', () => ({
      type: 'Paused',
      at: '2026-03-01T10:00:01.000Z',
      by: 'U1',
    }));
    expect(run).toMatchObject({ version: 2, plan: request.plan, paused: { by: 'U1' } });
  });

  it.each([
    ['lost', async () => stored.redis.del(planKey('7f3a12'))],
    [
      'another one',
      async () => stored.redis.set(planKey('7f3a12'), gzipSync(canonicalJson(planOf(step('x'))))),
    ],
    ['not readable', async () => stored.redis.set(planKey('7f3a12'), 'x')],
  ])('breaks the log where it is %s', async (what, spoil) => {
    const json = canonicalJson({
      ...anyRequest(what),
      schema: 5,
      plan: { $plan: chainHash('', what) },
    });
    await stored.redis.xadd(key, '1-0', 'event', json, 'hash', chainHash('', json));
    await spoil();

    const store = openRunStore(stored.redis);
    expect(await rejection(store.load('7f3a12'))).toMatchObject({ name: 'BrokenLog' });
    expect(await store.intact('7f3a12')).toEqual([]);
  });
});
