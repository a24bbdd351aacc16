import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { contentsKey, eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import {
  paused,
  planOf,
  hostReady,
  requested,
  rollbackRequested,
  runEnded,
  started,
  step,
  succeeded,
  work,
} from '../../support/runs/events.ts';
import { rejection } from '../../support/eventually.ts';
import { testStore } from '../../support/servers/test-store.ts';

const stored = testStore();

describe('what files hold', () => {
  const content = '[database]\nconnection = mysql://nova:pa55word@db1/nova\n';
  const old = Buffer.from('password = 0ldpassword\n').toString('base64');
  const conf = step('conf', {
    hosts: ['ctl1'],
    params: {
      path: '/etc/nova.conf',
      content,
      changes: [
        { option: 'a_token', value: 'pa55word1' },
        { option: 'b', value: ['x', 'pa55word2'] },
      ],
    },
    apply: [{ words: ['tee'], stdin: content, secret: true }],
  });
  const events = [
    hostReady('ctl1'),
    started(work('conf'), { before: { type: 'file', content: old, mode: '0640' } }),
    succeeded(work('conf')),
  ];
  const request = requested(planOf(conf));
  const begin = async () => {
    if (request.type !== 'RunRequested') throw new Error('not a request');
    await stored.store.create(request);
    return stored.write('7f3a12', ...events);
  };
  const lose = async () => stored.redis.del(contentsKey('7f3a12'));

  it('is in no event, and in every state that is folded from them', async () => {
    const state = await begin();

    const stream = JSON.stringify(await stored.redis.xrange(eventsKey('7f3a12'), '-', '+'));
    expect(stream).not.toMatch(new RegExp(`pa55word|${old}`));
    expect(await openRunStore(stored.redis).load('7f3a12')).toStrictEqual(state);
    expect(state.plan.steps[0]).toMatchObject({ ...conf });
    expect(state.apply['conf']?.get('ctl1')?.before).toMatchObject({ content: old });
    expect(await openRunStore(stored.redis).events('7f3a12')).toHaveLength(4);
  });

  it('is kept for 30 days after the end, and for as long as a rollback takes', async () => {
    await begin();
    const key = contentsKey('7f3a12');
    expect(await stored.redis.ttl(key)).toBe(-1);

    await stored.write('7f3a12', runEnded('aborted'));
    expect(await stored.redis.ttl(key)).toBeGreaterThan(30 * 24 * 3600 - 60);

    await stored.write('7f3a12', rollbackRequested('conf'));
    expect(await stored.redis.ttl(key)).toBe(-1);
  });

  it('is not made up once it is gone: the run still reads, and cannot be rolled back', async () => {
    await begin();
    const ended = await stored.write('7f3a12', runEnded('aborted'));
    await lose();

    const state = await openRunStore(stored.redis).load('7f3a12');
    expect(state).toMatchObject({ version: ended.version, ended: { outcome: 'aborted' } });
    expect(inspect(state, { depth: Infinity })).not.toContain('pa55word');
    for (const one of [stored.store, openRunStore(stored.redis)])
      expect(await rejection(one.append('7f3a12', () => rollbackRequested('conf')))).toMatchObject({
        name: 'ContentsGone',
      });
    expect(await stored.store.lockOf('staging')).toBeUndefined();
  });

  it('is missed by a run that is under way', async () => {
    await begin();
    await lose();

    expect(
      await rejection(openRunStore(stored.redis).append('7f3a12', () => paused())),
    ).toMatchObject({
      name: 'ContentsGone',
    });
  });

  it('is not believed when it was changed', async () => {
    await begin();
    const [name = ''] = await stored.redis.hkeys(contentsKey('7f3a12'));
    await stored.redis.hset(contentsKey('7f3a12'), name, 'other');

    expect(await rejection(openRunStore(stored.redis).load('7f3a12'))).toMatchObject({
      name: 'BrokenLog',
    });
  });
});
