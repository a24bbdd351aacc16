import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { publishRun } from '../../../bot/outbox/publish.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import {
  after,
  paused,
  planOf,
  requested,
  resumed,
  started,
  step,
  work,
} from '../../support/runs/events.ts';
import { clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

const id = '7f3a12';
let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

it('shows at once what a person did, and the rest in its time', async () => {
  const redis = server.connect();
  const [store, slack, log] = [openRunStore(redis), openFakeSlack(), pino({ level: 'silent' })];
  let now = Date.parse(after(3600));
  const outbox = openOutbox({ redis, slack: clientOfFake(slack, log), log, now: () => now });
  const aboutCloud = async () => knownCloud(['SLEAD']);
  const publisher = {
    store,
    outbox,
    redis,
    aboutCloud,
    dates: 'plain',
    now: () => now,
    log,
  } as const;
  const updatesAfter = async (event: RunEvent, ms: number): Promise<number | undefined> => {
    await store.append(id, () => ({ ...event, at: new Date(now).toISOString() }));
    now += ms;
    await publishRun(publisher, id);
    return slack.messages[0]?.updates;
  };
  const first = requested(planOf(step('stop')));
  if (first.type !== 'RunRequested') throw new Error('a run begins with its request');
  await store.create(first);
  await publishRun(publisher, id);
  now += 5000;

  expect(await updatesAfter(paused(), 400)).toBe(1);
  expect(await updatesAfter(started(work('stop')), 100)).toBe(1);
  expect(await updatesAfter(resumed(), 100)).toBe(2);
  expect(
    await updatesAfter({ type: 'LinkLost', at: '', work: work('stop'), reason: 'gone' }, 3000),
  ).toBe(3);
});
