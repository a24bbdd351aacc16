import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../handlers/contract/errors.ts';
import { loadCloud } from '../jobs/files/cloud.ts';
import { executionId } from '../jobs/run/events.ts';
import { readConfigFiles } from '../openstack/cloud/config-files.ts';
import { planUpgrade } from '../openstack/plan/planner.ts';
import { failureRecogniser } from '../openstack/repair/signature.ts';
import { openClock } from '../jobs/redis/clock.ts';
import { openOutputs } from '../jobs/redis/output.ts';
import { openHostInspector } from '../jobs/redis/host-inspector.ts';
import { openQueues, patientRedis } from '../jobs/redis/queue.ts';
import { loadRunbook } from '../jobs/files/runbook.ts';
import { openRunStore } from '../jobs/redis/store.ts';
import { openAccessLists } from './desk/access.ts';
import { openConfirmedAnswers } from './desk/confirmed.ts';
import { type SlackAccount, createSlackApp } from './slack/app.ts';
import { checkSlackChannel } from './slack/channel.ts';
import { openOutbox } from './outbox/outbox.ts';
import { openThreadPoster } from './outbox/posts.ts';
import { openPressQueue, startPressWorker } from './desk/presses.ts';
import { startPublisher } from './outbox/publisher.ts';
import type { DateStyle } from './views/text.ts';
import { loadKnowledge } from '../openstack/knowledge/load.ts';
import { openUpgrades } from '../openstack/upgrade/upgrade.ts';
import type { CloudDesk } from './desk/desk.ts';
import { type BotEdges, openBotEdges } from './edges.ts';

export interface BotOptions {
  readonly slack: SlackAccount;
  /** How long what Slack confirmed of people counts while Slack is silent; absent: a day. */
  readonly confirmedMs?: number;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  /** What is known about OpenStack. It belongs to the program. */
  readonly knowledgeDir: string;
  /** Opens one more connection to Redis. */
  readonly connect: (how: RedisConnecting) => Redis;
  readonly dates?: DateStyle;
  readonly log: Logger;
}

/** Whether a command waits for Redis to come back, or fails at once. */
export interface RedisConnecting {
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
}

export interface RunningBot {
  /** The BullMQ ids whose locks this process holds, by queue. */
  readonly owners: { readonly presses: string; readonly cards: string };
  /** Resolves when Slack lets it in no more, and asking again cannot help. */
  readonly shutOut: Promise<OperatorError>;
  /** Takes nothing new, answers what is at hand within 5 seconds, and closes. */
  readonly drain: () => Promise<void>;
}

const drainMs = 5000;
const dayMs = 24 * 3_600_000;
const waiting = { ...patientRedis, enableOfflineQueue: true };

/** Starts the whole Slack side. Rejects when Slack does not let it in. */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { slack, cloudsDir, runbooksDir, dates = 'slack', log } = options;
  const knowledge = await loadKnowledge(options.knowledgeDir);
  const recognise = failureRecogniser(knowledge);
  const connections: Redis[] = [];
  const connect = (how: RedisConnecting): Redis => {
    const connection = options.connect(how);
    connections.push(connection);
    return connection;
  };
  const redis = connect(waiting);
  // Fails at once while Redis is away: whoever presses hears of it within Slack's three seconds.
  const intakeRedis = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const clock = openClock(redis);
  const { now, nowMs } = clock;
  const queues = openQueues(redis);
  const store = openRunStore(redis, async (run) => {
    await queues.decide(run);
    await queues.card(run.id);
  });
  const outputs = openOutputs(redis);
  const presses = openPressQueue(intakeRedis);
  const lookout = openHostInspector(() => connect(waiting));
  const fetch = slack.fetch ?? globalThis.fetch;
  let edges: BotEdges | undefined;
  const trouble = (): ReturnType<BotEdges['trouble']> => edges?.trouble();
  const app = createSlackApp(slack, { ...presses, now, fetch, trouble }, log);
  const { client } = app;
  const watched = connect({ enableOfflineQueue: true, maxRetriesPerRequest: 1 });
  edges = openBotEdges({ watched, redis, store, client, now, log });
  const { troubles, enter, note, close } = edges;

  const outbox = openOutbox({ redis, slack: client, log, now: nowMs });
  const desk: CloudDesk = {
    store,
    queues,
    access: openAccessLists(client, {
      confirmed: openConfirmedAnswers(redis, { keptMs: options.confirmedMs ?? dayMs, now }),
      log,
    }),
    loadCloud: (name) => loadCloud(cloudsDir, name),
    loadRunbook: (name) => loadRunbook(runbooksDir, name),
    readOutput: (run, work) => outputs.read(run, executionId(run, work)),
    checkChannel: (channel) => checkSlackChannel(client, channel),
    knowledge,
    upgrades: openUpgrades({
      knowledge,
      store,
      look: lookout.look,
      readConfigFiles: (cloud) => readConfigFiles(cloudsDir, cloud),
      plan: planUpgrade,
      now,
    }),
    post: openThreadPoster({ outbox, slack: client, redis, log }).post,
    recognise,
    troubles,
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
  const publisher = { store, outbox, redis, approversOf, dates, recognise, now: nowMs, log };

  const pressWorker = startPressWorker({ desk, client, fetch, log }, connect(waiting));
  const cards = startPublisher(publisher, { connection: connect(waiting), queues });
  const drain = async (): Promise<void> => {
    await app.stop();
    const closed = Promise.all([pressWorker.close(), cards.close()]);
    await Promise.race([closed, new Promise((done) => setTimeout(done, drainMs).unref())]);
    await Promise.all([presses.close(), queues.close(), lookout.close()]);
    clock.close();
    close();
    for (const connection of connections) connection.disconnect();
  };
  await enter(app).catch((error: unknown) => {
    // Whoever asked wants to know at once.
    drain().catch(() => {});
    throw error;
  });
  return {
    owners: { presses: pressWorker.id, cards: cards.id },
    shutOut: app.shutOut.then(async (refusal) => {
      await note(refusal);
      return refusal;
    }),
    drain,
  };
}
