import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RunEvent } from '../../jobs/events.ts';
import { fold } from '../../jobs/fold.ts';
import { type RedisServer, startRedisServer } from '../../jobs/redis-server.ts';
import type { Run } from '../../jobs/run.ts';
import { eventsKey } from '../../jobs/entries.ts';
import { type Store, openStore } from '../../jobs/store.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  paused,
  plan,
  ready,
  requested,
  resumed,
  rollbackRequested,
  runEnded,
  started,
  step,
  succeeded,
  work,
} from '../support/events.ts';
import { rejection } from '../support/eventually.ts';

let dir: string;
let server: RedisServer;
let redis: Redis;
let store: Store;
let more: Redis[];

const connect = (): Redis => {
  const client = new Redis({ ...server.options, maxRetriesPerRequest: null });
  client.on('error', () => {});
  return client;
};

const connectMore = (): Redis => {
  const client = connect();
  more.push(client);
  return client;
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hopscotch-store-'));
  server = await startRedisServer({ dir: join(dir, 'redis') });
  redis = connect();
  store = openStore(redis);
  more = [];
});

afterEach(async () => {
  for (const client of [redis, ...more]) client.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const restart = step('restart', { hosts: ['ctl1', 'cmp1'] });

type Requested = Extract<RunEvent, { type: 'RunRequested' }>;
function request(run = '7f3a12', rest: Partial<Requested> = {}): Requested {
  const event = requested(plan(restart));
  if (event.type !== 'RunRequested') throw new Error('not a request');
  return { ...event, run, ...rest };
}

/** Appends whatever the state, one event after the other. */
async function write(id: string, ...events: readonly RunEvent[]): Promise<Run> {
  let run = await store.load(id);
  for (const event of events) ({ run } = await store.append(id, () => event));
  return run;
}

describe('the log of a run', () => {
  it('is all that a state is made of', async () => {
    await store.create(request());
    const state = await write(
      '7f3a12',
      ready('ctl1'),
      ready('cmp1'),
      approvalRequested('restart'),
      // What a stream cannot hold is not in the state of whoever wrote it, either.
      started(work('restart'), { before: { version: '1.2', gone: undefined } }),
      succeeded(work('restart'), 'größer\n'),
    );

    const elsewhere = connectMore();
    await redis.del('hopscotch:runs', 'hopscotch:active', 'hopscotch:cloud:staging:lock');
    const read = await openStore(elsewhere).load('7f3a12');
    const events = await openStore(elsewhere).events('7f3a12');

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
    await store.create(request());
    const told: number[] = [];
    const writers = Array.from({ length: 50 }, async (_, writer) => {
      const mine = openStore(connectMore(), async ({ version }) => {
        told.push(version);
      });
      const { event } = await mine.append('7f3a12', (run) =>
        run.checks[`host${writer}`] === undefined ? ready(`host${writer}`) : undefined,
      );
      return event;
    });
    const written = await Promise.all(writers);

    const events = await store.events('7f3a12');
    expect(written.every((event) => event !== undefined)).toBe(true);
    expect(events.length).toBe(51);
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(51);
    expect((await store.load('7f3a12')).version).toBe(51);
    expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
  });

  it('lets one of many win who all answer the same state', async () => {
    await store.create(request());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        openStore(connectMore()).append('7f3a12', (run) =>
          run.paused === undefined ? paused() : undefined,
        ),
      ),
    );

    expect(answers.filter(({ event }) => event !== undefined).length).toBe(1);
    expect(answers.every(({ run }) => run.paused !== undefined && run.version === 2)).toBe(true);
  });

  it('says that there is no such run', async () => {
    expect(await rejection(store.load('nope'))).toMatchObject({
      name: 'UnknownRun',
      message: 'there is no run nope',
    });
    expect(await rejection(store.append('nope', () => paused()))).toMatchObject({
      name: 'UnknownRun',
    });
    expect(await rejection(store.events('nope'))).toMatchObject({ name: 'UnknownRun' });
  });
});

describe('a log that was changed from outside', () => {
  const key = eventsKey('7f3a12');

  beforeEach(async () => {
    await store.create(request());
    await write('7f3a12', ready('ctl1'), ready('cmp1'), paused(), resumed());
  });

  const entries = async () => redis.xrange(key, '-', '+');
  const rewrite = async (changed: [string, string[]][]): Promise<void> => {
    await redis.del(key);
    for (const [id, fields] of changed) await redis.xadd(key, id, ...fields);
  };

  const tampered: Record<string, { at: number; by: () => Promise<unknown> }> = {
    'an event was changed': {
      at: 3,
      by: async () => {
        const changed = (await entries()).map(([id, [name = '', json = '', ...hash]]) => {
          const other = id === '3-0' ? json.replace('cmp1', 'cmp2') : json;
          return [id, [name, other, ...hash]] satisfies [string, string[]];
        });
        await rewrite(changed);
      },
    },
    'an event was made unreadable': {
      at: 4,
      by: async () => {
        const changed = (await entries()).map(([id, [name = '', json = '', ...hash]]) => {
          return [id, [name, id === '4-0' ? '{' : json, ...hash]] satisfies [string, string[]];
        });
        await rewrite(changed);
      },
    },
    'an event was removed': { at: 3, by: () => redis.xdel(key, '3-0') },
    'the first event was removed': { at: 1, by: () => redis.xdel(key, '1-0') },
    'an event was put between': {
      at: 3,
      by: async () => {
        const all = await entries();
        const again = all[1]?.[1] ?? [];
        await rewrite([...all.slice(0, 2), ['2-1', again], ...all.slice(2)]);
      },
    },
    'an event was added by hand': {
      at: 6,
      by: () => redis.xadd(key, '6-0', 'event', JSON.stringify(paused()), 'hash', 'f00d'),
    },
  };

  for (const [what, { at, by }] of Object.entries(tampered)) {
    it(`is not believed when ${what}`, async () => {
      await by();
      const wanted = {
        name: 'BrokenLog',
        message: `the log of run 7f3a12 was changed from outside at event ${at}`,
      };

      const fresh = openStore(redis);
      expect(await rejection(fresh.load('7f3a12'))).toMatchObject(wanted);
      expect(await rejection(fresh.events('7f3a12'))).toMatchObject(wanted);
      expect(await rejection(fresh.append('7f3a12', () => paused()))).toMatchObject(wanted);
      expect(await fresh.intact('7f3a12')).toHaveLength(at - 1);
    });
  }

  it('is not gone on with by a store that knew it before', async () => {
    await redis.xadd(key, '6-0', 'event', JSON.stringify(paused()), 'hash', 'f00d');

    expect(await rejection(store.load('7f3a12'))).toMatchObject({ name: 'BrokenLog' });
  });
});

describe("a cloud's lock", () => {
  it('goes to one of two, and tells the other who has it, since when and why', async () => {
    const two = await Promise.allSettled([
      store.create(request('aaaaaa', { by: 'UANN' })),
      store.create(request('bbbbbb', { by: 'UBEN' })),
    ]);

    const [refused] = two.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    const lock = await store.lockOf('staging');
    expect(two.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(lock).toMatchObject({ at: after(0), why: 'Restart nova' });
    expect(refused).toMatchObject({
      name: 'CloudLocked',
      message: `staging is held by run ${lock?.run} (Restart nova), which <@${lock?.by}> started at ${after(0)}`,
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock?.run}`,
    });
    expect(await store.active()).toEqual([lock?.run]);
    expect(await store.recent(5)).toEqual([lock?.run]);
    const lost = lock?.run === 'aaaaaa' ? 'bbbbbb' : 'aaaaaa';
    expect(await rejection(store.load(lost))).toMatchObject({ name: 'UnknownRun' });
  });

  it('does not give an id twice', async () => {
    await store.create(request());
    await write('7f3a12', runEnded('refused'));

    expect(await rejection(store.create(request()))).toMatchObject({ name: 'RunExists' });
    expect((await store.load('7f3a12')).version).toBe(2);
  });

  it('is free again when the run has ended', async () => {
    await store.create(request('aaaaaa'));
    await write('aaaaaa', abortRequested(), runEnded('aborted'));

    expect(await store.lockOf('staging')).toBeUndefined();
    expect(await store.active()).toEqual([]);
    expect(await store.lastOf('staging')).toBe('aaaaaa');
    await store.create(request('bbbbbb'));
    expect(await store.lastOf('staging')).toBe('bbbbbb');
  });

  it('is taken again by the rollback of a run that had ended', async () => {
    await store.create(request());
    await write('7f3a12', started(work('restart')), runEnded('aborted'));

    await write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await store.lockOf('staging')).toEqual({
      run: '7f3a12',
      by: 'UCHIE',
      at: after(60),
      why: 'Restart nova',
    });
    expect(await store.active()).toEqual(['7f3a12']);
  });

  it('keeps saying since when, through a rollback of the run that has it', async () => {
    await store.create(request());
    await write('7f3a12', started(work('restart')));

    await write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await store.lockOf('staging')).toMatchObject({ by: 'UANN', at: after(0) });
  });

  it('refuses the rollback of an ended run while another run has the cloud', async () => {
    await store.create(request('aaaaaa'));
    await write('aaaaaa', started(work('restart')), runEnded('aborted'));
    await store.create(request('bbbbbb'));

    expect(await rejection(write('aaaaaa', rollbackRequested('restart')))).toMatchObject({
      name: 'CloudLocked',
      message: expect.stringContaining('staging is held by run bbbbbb'),
    });
    expect((await store.load('aaaaaa')).version).toBe(3);
    expect(await store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });

    await write('aaaaaa', ready('ctl1'));
    expect(await store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });
  });
});

describe('a Redis that went back in time', () => {
  it('is followed by a store that has seen the future', async () => {
    await store.create(request());
    await write('7f3a12', ready('ctl1'));
    await cp(join(dir, 'redis/appendonlydir'), join(dir, 'copy'), { recursive: true });
    const future = await write('7f3a12', ready('cmp1'), approvalRequested('restart'), paused());
    expect(future).toMatchObject({ version: 5, paused: { by: 'UBEN' } });
    const idle = openStore(redis);
    expect(await idle.load('7f3a12')).toStrictEqual(future);

    await server.kill9();
    await rm(join(dir, 'redis/appendonlydir'), { recursive: true });
    await cp(join(dir, 'copy'), join(dir, 'redis/appendonlydir'), { recursive: true });
    server = await startRedisServer({ dir: join(dir, 'redis'), address: server.options });

    const past = await store.load('7f3a12');
    expect(past.version).toBe(2);
    expect(Object.keys(past.checks)).toEqual(['ctl1']);

    // The same versions come again with other events.
    const other = await write(
      '7f3a12',
      ready('cmp1'),
      abortRequested(),
      resumed(),
      runEnded('aborted'),
    );
    expect(other).toMatchObject({ version: 6, ended: { outcome: 'aborted' } });
    expect(await idle.load('7f3a12')).toStrictEqual(other);
    expect(await openStore(redis).load('7f3a12')).toStrictEqual(other);
  });

  it('takes no event that was meant for a history it no longer has', async () => {
    await store.create(request('7f3a12', { by: 'UANN' }));
    const elsewhere = connectMore();
    await elsewhere.select(1);
    await openStore(elsewhere).create(request('7f3a12', { by: 'UBEN' }));
    const key = eventsKey('7f3a12');
    const [[id, fields] = ['', []]] = await elsewhere.xrange(key, '-', '+');
    const seen: string[] = [];

    const { run } = await store.append('7f3a12', (state) => {
      seen.push(state.requestedBy);
      // On the connection of the store, so between its look and its write.
      if (seen.length === 1) {
        void redis.del(key);
        void redis.xadd(key, id, ...fields);
      }
      return paused(state.requestedBy);
    });

    expect(seen).toEqual(['UANN', 'UBEN']);
    expect(run).toMatchObject({ version: 2, requestedBy: 'UBEN', paused: { by: 'UBEN' } });
    expect(await openStore(redis).load('7f3a12')).toStrictEqual(run);
  });
});
