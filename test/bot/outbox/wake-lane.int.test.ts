import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { startPublisher } from '../../../bot/outbox/publisher.ts';
import { openQueues } from '../../../jobs/redis/queue.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { upgradesChannel } from '../../../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { eventually } from '../../support/eventually.ts';
import * as e from '../../support/runs/events.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import { type FaultProxy, startFaultProxy } from '../../support/slack/fault-proxy.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';

const { id: channel } = upgradesChannel;
const log = pino({ level: 'silent' });

let dir: string;
let server: TestRedis;
let workspace: LocalWorkspace;
let proxy: FaultProxy;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'wake-'));
  server = await startTestRedis();
  workspace = await startWorkspace({ dir });
  proxy = await startFaultProxy(workspace.port);
});
afterAll(async () => {
  await proxy.stop();
  await workspace.stop();
  await server.stop();
  await rm(dir, { recursive: true });
});

const [runs, linesOfEach] = [20, 15];
const nameOf = (nth: number): string => `7f3a${10 + nth}`;

/** Runs that have just done many steps, each with a line for its thread; the last step of each still runs. */
async function busyRun(store: RunStore, nth: number): Promise<void> {
  const ids = Array.from({ length: linesOfEach }, (_, index) => `s${index}`);
  const { targets, ...rest } = e.planOf(...[...ids, 'last'].map((step) => e.step(step)));
  const apart = Object.entries(targets).map(([host, target]) => [
    host,
    { ...target, address: `192.0.2.${nth + 1}` },
  ]);
  const plan = { ...rest, channel, cloud: `c${nth}`, targets: Object.fromEntries(apart) };
  const at = new Date().toISOString();
  const first = { ...e.requested(plan), at };
  if (first.type !== 'RunRequested') throw new Error('a run begins with its request');
  const run = nameOf(nth);
  await store.create({ ...first, run });
  const events = ids.flatMap((step) => [e.started(e.work(step)), e.succeeded(e.work(step))]);
  for (const event of [e.hostReady('ctl1'), ...events, e.started(e.work('last'))])
    await store.append(run, () => ({ ...event, at }));
}

it('wakes people ahead of 300 posts that wait for a Slack that takes one a second', async () => {
  const redis = server.connect();
  const [store, queues] = [openRunStore(redis), openQueues(redis)];
  const slack = new WebClient(workspace.botToken, {
    slackApiUrl: proxy.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  for (let nth = 0; nth < runs; nth += 1) await busyRun(store, nth);
  proxy.limitPosts(1000);
  const publisher = startPublisher(
    {
      store,
      outbox: openOutbox({ redis, slack, log, now: Date.now }),
      redis,
      aboutCloud: async () => knownCloud(['SLEAD']),
      dates: 'plain',
      now: Date.now,
      log,
    },
    { connection: server.connect(), queues },
  );
  for (let nth = 0; nth < runs; nth += 1) await queues.card(nameOf(nth));
  const posts = async (): Promise<string[]> =>
    (await workspace.control.messages()).map(({ text }) => text);
  await eventually(async () => (await posts()).length >= 5, 20_000);

  const waiting = (await posts()).length;
  const failed = e.failed(e.work('last'));
  await store.append(nameOf(7), () => ({ ...failed, at: new Date().toISOString() }));
  await queues.wake(nameOf(7));
  const isAlarm = (text: string): boolean => text.includes('needs you');
  await eventually(async () => (await posts()).some(isAlarm), 10_000);
  const said = await posts();

  // Slack takes one a second: with one other before it, it came within two.
  expect(said.findIndex(isAlarm)).toBeLessThanOrEqual(waiting + 1);
  // The others come after it.
  await eventually(async () => (await posts()).length > said.length, 20_000);
  await publisher.close();
  await queues.close();
}, 60_000);
