// Plays alarms beside posts that wait for a Slack that takes one a second, and measures how soon they are there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { startPublisher } from '../../../bot/outbox/publisher.ts';
import { threadLines } from '../../../bot/views/thread/thread.ts';
import { openQueues } from '../../../jobs/redis/queue.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { upgradesChannel } from '../../../sandbox/slack/people.ts';
import { startWorkspace } from '../../../sandbox/slack/slack.ts';
import { eventually } from '../eventually.ts';
import * as e from '../runs/events.ts';
import { startTestRedis } from '../servers/redis.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { knownCloud } from './known-cloud.ts';

export interface AlarmAhead {
  /** From the event in the log to the message in Slack. */
  readonly ms: number;
  /** Posts of other runs that Slack took meanwhile. */
  readonly before: number;
  /** Posts that still waited when it was there. */
  readonly waiting: number;
}

const { id: channel } = upgradesChannel;
const [runs, wordsOfEach] = [20, 15];
const nameOf = (nth: number): string => `7f3a${10 + nth}`;

/** A run in which much was said just now: each word is a post of its own. Its only step still runs. Answers how many posts. */
async function busyRun(store: RunStore, nth: number): Promise<number> {
  const { targets, ...rest } = e.planOf(e.step('last'));
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
  const words = Array.from({ length: wordsOfEach }, (_, index) =>
    index % 2 === 0 ? e.paused() : e.resumed(),
  );
  for (const event of [e.hostReady('ctl1'), e.started(e.work('last')), ...words])
    await store.append(run, () => ({ ...event, at }));
  // The card is a post as well.
  return 1 + threadLines(await store.events(run)).length;
}

interface Said {
  readonly atMs: number;
  readonly isAlarm: boolean;
}

/** The same Slack, and what it took of posts. */
function hearing({ chat, conversations, files }: WebClient) {
  const said: Said[] = [];
  const postMessage: typeof chat.postMessage = async (asked) => {
    const answer = await chat.postMessage(asked);
    const isAlarm = JSON.stringify(asked).includes('needs you');
    said.push({ atMs: performance.now(), isAlarm });
    return answer;
  };
  return { said, heard: { conversations, files, chat: { ...chat, postMessage } } };
}

/** Fails a step in each of so many runs, one after the other, while the posts of all of them wait. */
export async function playAlarms(alarms: number): Promise<AlarmAhead[]> {
  const dir = await mkdtemp(join(tmpdir(), 'wake-'));
  const server = await startTestRedis();
  const workspace = await startWorkspace({ dir });
  const proxy = await startFaultProxy(workspace.port);
  const log = pino({ level: 'silent' });
  const redis = server.connect();
  const [store, queues] = [openRunStore(redis), openQueues(redis)];
  const slack = new WebClient(workspace.botToken, {
    slackApiUrl: proxy.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  let posts = 0;
  for (let nth = 0; nth < runs; nth += 1) posts += await busyRun(store, nth);
  proxy.limitPosts(1000);
  const { said, heard } = hearing(slack);
  const outbox = openOutbox({ redis, slack: heard, log, now: Date.now });
  const aboutCloud = async () => knownCloud(['SLEAD']);
  const looks = { redis, aboutCloud, dates: 'plain' as const, now: Date.now, log };
  const connection = server.connect();
  const publisher = startPublisher({ store, outbox, ...looks }, { connection, queues });
  const play = async (nth: number): Promise<AlarmAhead> => {
    const [known, began] = [said.length, performance.now()];
    const run = nameOf(nth);
    await store.append(run, () => ({
      ...e.failed(e.work('last')),
      at: new Date().toISOString(),
    }));
    await queues.wake(run);
    const alarm = await eventually(() => said.slice(known).find(({ isAlarm }) => isAlarm));
    const at = said.indexOf(alarm);
    return { ms: Math.round(alarm.atMs - began), before: at - known, waiting: posts - at - 1 };
  };
  try {
    for (let nth = 0; nth < runs; nth += 1) await queues.card(nameOf(nth));
    await eventually(() => said.length >= 5);
    const played: AlarmAhead[] = [];
    for (let nth = 0; nth < alarms; nth += 1) {
      played.push(await play(nth));
      // At another moment of the second each time, with others posted in between.
      await sleep(1000 + 370 * nth);
    }
    const all = said.length;
    await eventually(() => said.length > all);
    return played;
  } finally {
    await publisher.close();
    await queues.close();
    await proxy.stop();
    await workspace.stop();
    await server.stop();
    await rm(dir, { recursive: true });
  }
}
