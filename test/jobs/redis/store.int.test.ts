import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import {
  approvalRequested,
  paused,
  hostReady,
  resumed,
  rollbackRequested,
  runEnded,
  started,
  succeeded,
  work,
} from '../../support/runs/events.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import { runRequest, testStore } from '../../support/servers/test-store.ts';

const stored = testStore();

describe('the log of a run', () => {
  it('is all that a state is made of', async () => {
    await stored.store.create(runRequest());
    const state = await stored.write(
      '7f3a12',
      hostReady('ctl1'),
      hostReady('cmp1'),
      approvalRequested('restart'),
      // What a stream cannot hold is not in the state of whoever wrote it, either.
      started(work('restart'), { before: { version: '1.2', gone: undefined } }),
      succeeded(work('restart'), 'größer\n'),
    );

    const elsewhere = stored.connect();
    await stored.redis.del('hopscotch:runs', 'hopscotch:active', 'hopscotch:cloud:staging:lock');
    const read = await openRunStore(elsewhere).load('7f3a12');
    const events = await openRunStore(elsewhere).events('7f3a12');

    expect(read).toStrictEqual(state);
    expect(read).toStrictEqual(fold(events));
    expect(read.version).toBe(6);
    expect(events.map(({ type }) => type)).toEqual([
      'RunRequested',
      'HostReady',
      'HostReady',
      'ApprovalRequested',
      'StepStarted',
      'StepSucceeded',
    ]);
  });

  it('loses and doubles nothing while 50 write at once', async () => {
    await stored.store.create(runRequest());
    const told: number[] = [];
    const writers = Array.from({ length: 50 }, async (_, writer) => {
      const mine = openRunStore(stored.connect(), async ({ version }) => {
        told.push(version);
      });
      const { event } = await mine.append('7f3a12', (run) =>
        run.checks.has(`host${writer}`) ? undefined : hostReady(`host${writer}`),
      );
      return event;
    });
    const written = await Promise.all(writers);

    const events = await stored.store.events('7f3a12');
    expect(written.every((event) => event !== undefined)).toBe(true);
    expect(events.length).toBe(51);
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(51);
    expect((await stored.store.load('7f3a12')).version).toBe(51);
    expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
  });

  it('writes what many append at once in one process with one call, each with the state before it', async () => {
    await stored.store.create(runRequest());
    await stored.redis.config('RESETSTAT');
    const told: number[] = [];
    const mine = openRunStore(stored.connect(), async ({ version }) => {
      told.push(version);
    });
    const seen: number[] = [];

    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, host) =>
        mine.append('7f3a12', ({ version }) => {
          seen.push(version);
          return hostReady(`host${host}`);
        }),
      ),
    );

    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(answers.map(({ run }) => run.version)).toEqual(seen.map((version) => version + 1));
    expect(answers[7]?.event).toEqual(hostReady('host7'));
    expect(told).toEqual([201]);
    expect(await stored.redis.info('commandstats')).toMatch(/cmdstat_eval:calls=1,/);
    expect(await stored.store.load('7f3a12')).toStrictEqual(answers.at(-1)?.run);
  });

  it('writes what the others append where one of them throws', async () => {
    await stored.store.create(runRequest());
    const broken = new Error('a defect');

    const [first, second, third] = await Promise.allSettled([
      stored.store.append('7f3a12', () => hostReady('ctl1')),
      stored.store.append('7f3a12', () => {
        throw broken;
      }),
      stored.store.append('7f3a12', (run) =>
        run.checks.has('ctl1') ? hostReady('cmp1') : undefined,
      ),
    ]);

    expect([first?.status, third?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(second).toEqual({ status: 'rejected', reason: broken });
    expect([...(await stored.store.load('7f3a12')).checks.keys()]).toEqual(['ctl1', 'cmp1']);
  });

  it('gives the lock back and takes it again between what is appended at once', async () => {
    await stored.store.create(runRequest());
    const back = rollbackRequested('restart');

    const answers = await Promise.all(
      [hostReady('ctl1'), runEnded('aborted'), back, hostReady('cmp1'), runEnded('rolledBack')].map(
        (event) => stored.store.append('7f3a12', () => event),
      ),
    );

    expect(answers.map(({ run }) => run.version)).toEqual([2, 3, 4, 5, 6]);
    expect(answers[1]?.run.ended).toMatchObject({ outcome: 'aborted' });
    expect(answers[3]?.run.ended).toBeUndefined();
    expect(await stored.store.lockOf('staging')).toBeUndefined();
    expect(await stored.store.active()).toEqual([]);
  });

  it('lets one of many win who all answer the same state', async () => {
    await stored.store.create(runRequest());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        openRunStore(stored.connect()).append('7f3a12', (run) =>
          run.paused === undefined ? paused() : undefined,
        ),
      ),
    );

    expect(answers.filter(({ event }) => event !== undefined).length).toBe(1);
    expect(answers.every(({ run }) => run.paused !== undefined && run.version === 2)).toBe(true);
  });

  it('is at hand for a moment to who wrote it, and to nobody else', async () => {
    const other = openRunStore(stored.connect());
    await stored.store.create(runRequest());
    await other.load('7f3a12');

    const { run } = await stored.store.append('7f3a12', () => hostReady('ctl1'));

    expect(stored.store.written('7f3a12')).toBe(run);
    expect(other.written('7f3a12')).toBeUndefined();
    await eventually(async () => stored.store.written('7f3a12') === undefined);
  });

  it('says that there is no such run', async () => {
    expect(await rejection(stored.store.load('nope'))).toMatchObject({
      name: 'UnknownRun',
      message: 'there is no run nope',
    });
    expect(await rejection(stored.store.append('nope', () => paused()))).toMatchObject({
      name: 'UnknownRun',
    });
    expect(await rejection(stored.store.events('nope'))).toMatchObject({ name: 'UnknownRun' });
  });
});

describe('a log that was changed from outside', () => {
  const key = eventsKey('7f3a12');

  beforeEach(async () => {
    await stored.store.create(runRequest());
    await stored.write('7f3a12', hostReady('ctl1'), hostReady('cmp1'), paused(), resumed());
  });

  const entries = async () => stored.redis.xrange(key, '-', '+');
  const rewrite = async (changed: [string, string[]][]): Promise<void> => {
    await stored.redis.del(key);
    for (const [id, fields] of changed) await stored.redis.xadd(key, id, ...fields);
  };

  const tampered: Record<string, { event: number; by: () => Promise<unknown> }> = {
    'an event was changed': {
      event: 3,
      by: async () => {
        const changed = (await entries()).map(([id, [name = '', json = '', ...hash]]) => {
          const other = id === '3-0' ? json.replace('cmp1', 'cmp2') : json;
          return [id, [name, other, ...hash]] satisfies [string, string[]];
        });
        await rewrite(changed);
      },
    },
    'an event was made unreadable': {
      event: 4,
      by: async () => {
        const changed = (await entries()).map(([id, [name = '', json = '', ...hash]]) => {
          return [id, [name, id === '4-0' ? '{' : json, ...hash]] satisfies [string, string[]];
        });
        await rewrite(changed);
      },
    },
    'an event was removed': { event: 3, by: () => stored.redis.xdel(key, '3-0') },
    'the first event was removed': { event: 1, by: () => stored.redis.xdel(key, '1-0') },
    'an event was put between': {
      event: 3,
      by: async () => {
        const all = await entries();
        const again = all[1]?.[1] ?? [];
        await rewrite([...all.slice(0, 2), ['2-1', again], ...all.slice(2)]);
      },
    },
    'an event was added by hand': {
      event: 6,
      by: () => stored.redis.xadd(key, '6-0', 'event', JSON.stringify(paused()), 'hash', 'f00d'),
    },
  };

  for (const [what, { event, by }] of Object.entries(tampered)) {
    it(`is not believed when ${what}`, async () => {
      await by();
      const wanted = {
        name: 'BrokenLog',
        message: `the log of run 7f3a12 was changed from outside at event ${event}`,
      };

      const fresh = openRunStore(stored.redis);
      expect(await rejection(fresh.load('7f3a12'))).toMatchObject(wanted);
      expect(await rejection(fresh.events('7f3a12'))).toMatchObject(wanted);
      expect(await rejection(fresh.append('7f3a12', () => paused()))).toMatchObject(wanted);
      expect(await fresh.intact('7f3a12')).toHaveLength(event - 1);
    });
  }

  it('is not gone on with by a store that knew it before', async () => {
    await stored.store.events('7f3a12');
    await stored.redis.xadd(key, '6-0', 'event', JSON.stringify(paused()), 'hash', 'f00d');

    expect(await rejection(stored.store.load('7f3a12'))).toMatchObject({ name: 'BrokenLog' });
    expect(await rejection(stored.store.events('7f3a12'))).toMatchObject({ name: 'BrokenLog' });
  });

  it('is the same state for who writes it, who reads it meanwhile, and who comes later', async () => {
    const [store, other] = [openRunStore(stored.redis), openRunStore(stored.redis)];
    await other.load('7f3a12');
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, nth) => {
        if (nth % 4 === 0) await store.append('7f3a12', () => paused(`U${nth}`));
        const both = await Promise.all([store.load('7f3a12'), other.load('7f3a12')]);
        return Math.max(...both.map(({ version }) => version));
      }),
    );

    const last = await openRunStore(stored.redis).load('7f3a12');
    expect(last.version).toBe(10);
    expect(Math.max(...all)).toBe(10);
    expect(await store.load('7f3a12')).toEqual(last);
    expect(await other.load('7f3a12')).toEqual(last);
  });

  it('hands out its events once more, and those that came since', async () => {
    const before = await stored.store.events('7f3a12');
    await openRunStore(stored.redis).append('7f3a12', () => paused());

    const after = await stored.store.events('7f3a12');

    expect(after.slice(0, -1).every((event, index) => event === before[index])).toBe(true);
    expect(after.at(-1)).toEqual(paused());
    expect(after).toEqual(await openRunStore(stored.redis).events('7f3a12'));
  });
});
