import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../handlers/contract/errors.ts';
import { loadCloud } from '../jobs/files/cloud.ts';
import { executionId } from '../jobs/run/events.ts';
import { readConfigFiles } from '../openstack/cloud/config-files.ts';
import { planUpgrade } from '../openstack/plan/planner.ts';
import { recogniser } from '../openstack/repair/signature.ts';
import { openOutputs } from '../jobs/redis/output.ts';
import { openLookout } from '../jobs/redis/lookout.ts';
import { openQueues, patient } from '../jobs/redis/queue.ts';
import { loadRunbook } from '../jobs/files/runbook.ts';
import { openStore } from '../jobs/redis/store.ts';
import { openAccess } from './desk/access.ts';
import { type Slack, createApp } from './slack/app.ts';
import { checkChannel } from './slack/channel.ts';
import { openOutbox } from './outbox/outbox.ts';
import { openPosts } from './outbox/posts.ts';
import { openPresses, startPresses } from './desk/presses.ts';
import { startPublisher } from './outbox/publisher.ts';
import type { Dates } from './views/text.ts';
import { loadKnowledge } from '../openstack/knowledge/load.ts';
import { openUpgrades } from '../openstack/upgrade/upgrade.ts';
import type { Desk } from './desk/desk.ts';

export interface BotOptions {
  readonly slack: Slack;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  /** What is known about OpenStack. It belongs to the program. */
  readonly knowledgeDir: string;
  /** Opens one more connection to Redis. */
  readonly connect: (how: Connecting) => Redis;
  readonly dates?: Dates;
  readonly log: Logger;
}

/** Whether a command waits for Redis to come back, or fails at once. */
export interface Connecting {
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
}

export interface RunningBot {
  /** The BullMQ ids whose locks this process holds, by queue. */
  readonly owners: { readonly presses: string; readonly cards: string };
  /** Takes nothing new, answers what is at hand within 5 seconds, and closes. */
  readonly drain: () => Promise<void>;
}

const drainMs = 5000;
const waiting = { ...patient, enableOfflineQueue: true };
const now = (): string => new Date().toISOString();

/** Starts the whole Slack side. Rejects when Slack does not let it in. */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { slack, cloudsDir, runbooksDir, dates = 'slack', log } = options;
  const knowledge = await loadKnowledge(options.knowledgeDir);
  const recognise = recogniser(knowledge);
  const connections: Redis[] = [];
  const connect = (how: Connecting): Redis => {
    const connection = options.connect(how);
    connections.push(connection);
    return connection;
  };
  const redis = connect(waiting);
  // Fails at once while Redis is away: whoever presses hears of it within Slack's three seconds.
  const intakeRedis = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const queues = openQueues(redis);
  const store = openStore(redis, async (run) => {
    await queues.decide(run);
    await queues.card(run.id);
  });
  const outputs = openOutputs(redis);
  const presses = openPresses(intakeRedis);
  const lookout = openLookout(() => connect(waiting));
  const fetch = slack.fetch ?? globalThis.fetch;
  const app = createApp(slack, { ...presses, now, fetch }, log);
  const { client } = app;

  const outbox = openOutbox({ redis, slack: client, log });
  const desk: Desk = {
    store,
    queues,
    access: openAccess(client),
    loadCloud: (name) => loadCloud(cloudsDir, name),
    loadRunbook: (name) => loadRunbook(runbooksDir, name),
    readOutput: (run, work) => outputs.read(run, executionId(run, work)),
    checkChannel: (channel) => checkChannel(client, channel),
    knowledge,
    upgrades: openUpgrades({
      knowledge,
      store,
      look: lookout.look,
      readConfigFiles: (cloud) => readConfigFiles(cloudsDir, cloud),
      plan: planUpgrade,
      now,
    }),
    post: openPosts({ outbox, slack: client, redis, log }).post,
    recognise,
    now,
    dates,
  };
  const approversOf = async (cloud: string): Promise<readonly string[]> => {
    try {
      return (await desk.loadCloud(cloud)).access.approvers;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      log.error({ cloud, err: error }, 'nobody may approve while the file of a cloud is wrong');
      return [];
    }
  };
  const publisher = { store, outbox, redis, approversOf, dates, recognise, now: Date.now, log };

  const pressWorker = startPresses({ desk, client, fetch, log }, connect(waiting));
  const cards = startPublisher(publisher, { connection: connect(waiting), queues });
  await app.start();
  return {
    owners: { presses: pressWorker.id, cards: cards.id },
    drain: async () => {
      await app.stop();
      const closed = Promise.all([pressWorker.close(), cards.close()]);
      await Promise.race([closed, new Promise((done) => setTimeout(done, drainMs).unref())]);
      await Promise.all([presses.close(), queues.close(), lookout.close()]);
      for (const connection of connections) connection.disconnect();
    },
  };
}
