import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../handlers/contract/errors.ts';
import { archiveHourly } from '../jobs/redis/archive/archived-store.ts';
import { openClock } from '../jobs/redis/clock.ts';
import { openHostInspector } from '../jobs/redis/host-inspector.ts';
import { openQueuedStore, openQueues, patientRedis } from '../jobs/redis/queue.ts';
import { readAhead } from './desk/answers/answer-question.ts';
import { watchApprovals } from './desk/judge.ts';
import { type SlackAccount, createSlackApp } from './slack/app.ts';
import { openOutbox } from './outbox/outbox.ts';
import { openPressQueue, startPressWorker } from './desk/presses.ts';
import type { RunPublisher } from './outbox/publish.ts';
import { startPublisher } from './outbox/publisher.ts';
import type { KnownCloud } from './views/reading/plan-summary.ts';
import type { DateStyle } from './views/text.ts';
import { type Keeping, plainKeeping } from '../jobs/redis/seal/seal.ts';
import type { Knowledge } from '../openstack/knowledge/knowledge.ts';
import type { CloudDesk } from './desk/desk.ts';
import type { PlanDesk } from './planning/planning.ts';
import type { ShownWindow } from './desk/output-window.ts';
import { fillWordsWindow } from './desk/words-window.ts';
import type { SlackIntake } from './slack/intake.ts';
import { type Look, lookWindow } from './desk/windows.ts';
import { type BotEdges, openBotEdges } from './edges.ts';
import { type DeskParts, openCloudDesk } from './open-desk.ts';

export interface BotOptions {
  readonly slack: SlackAccount;
  /** How long what Slack confirmed of people counts while Slack is silent; absent: a day. */
  readonly confirmedMs?: number;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  /** What is known about OpenStack. */
  readonly knowledge: Knowledge;
  /** Opens one more connection to Redis. */
  readonly connect: (how: RedisConnecting) => Redis;
  /** How contents and outputs are kept. Absent: in plain, for a test. */
  readonly keeping?: Keeping;
  /** Absent: planning keeps others waiting. */
  readonly plans?: PlanDesk;
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
/** A start has the processors for itself. */
const prepareAfterMs = 2000;
const impatient = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };
const waiting = { ...patientRedis, enableOfflineQueue: true };

/** Starts the whole Slack side. Rejects when Slack does not let it in. */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { slack, knowledge, log, keeping = plainKeeping } = options;
  const connections = openConnections(options.connect);
  const { connect } = connections;
  const redis = connect(waiting);
  // Fails at once while Redis is away: whoever presses hears of it within Slack's three seconds.
  const presses = openPressQueue(connect(impatient), keeping.seal);
  const clock = openClock(redis);
  const queues = openQueues(redis);
  const store = openQueuedStore(redis, queues, keeping);
  const inspector = openHostInspector(() => connect(waiting), keeping);
  const fetch = slack.fetch ?? globalThis.fetch;
  let edges: BotEdges | undefined;
  const trouble = (): ReturnType<BotEdges['trouble']> => edges?.trouble();
  const heard = { ...presses, now: clock.now, fetch, trouble, ...windowsOf(() => desk) };
  const app = createSlackApp(slack, heard, log);
  const { client } = app;
  const watched = connect({ enableOfflineQueue: true, maxRetriesPerRequest: 1 });
  edges = openBotEdges({ watched, redis, store, client, now: clock.now, log });
  const { enter, note, close, troubles } = edges;
  const outbox = openOutbox({ redis, slack: client, log, now: clock.nowMs });
  const opened = { knowledge, redis, queues, store, inspector, client, outbox, clock };
  const parts: DeskParts = { ...opened, troubles };
  const desk: CloudDesk = openCloudDesk(parts, options);
  const stopJudging = watchApprovals({ ...desk, store, log });
  const stopArchiving = archiveHourly({ redis, store, nowMs: clock.nowMs, log }, keeping);
  const pressWorker = startPressWorker(
    { desk, client, fetch, log },
    connect(waiting),
    keeping.seal,
  );
  const publisher = runPublisher(parts, desk, log);
  const cards = startPublisher(publisher, { connection: connect(waiting), queues });
  const drain = async (): Promise<void> => {
    stopPreparing();
    stopJudging();
    stopArchiving();
    await app.stop();
    const closed = Promise.all([pressWorker.close(), cards.close()]);
    await Promise.race([closed, new Promise((done) => setTimeout(done, drainMs).unref())]);
    await Promise.all([presses.close(), queues.close(), inspector.close()]);
    clock.close();
    close();
    connections.close();
  };
  const stopPreparing = prepareForPeople(desk, options);
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

/** Does what the first who ask would wait for, while Slack lets the bot in and a moment later. */
function prepareForPeople(desk: CloudDesk, { plans, log }: BotOptions): () => void {
  readAhead(desk).catch((error: unknown) => log.info({ err: error }, 'reading the latest runs'));
  const preparing = setTimeout(() => plans?.prepare(), prepareAfterMs).unref();
  return () => clearTimeout(preparing);
}

/** What windows show; the desk is there by the time that anybody presses. */
const windowsOf = (
  desk: () => CloudDesk,
): Pick<SlackIntake, 'fill'> & { windowFor: (look: Look) => Promise<ShownWindow> } => ({
  windowFor: (look) => lookWindow(look, desk()),
  fill: (press, show) => fillWordsWindow(press, desk(), show),
});

/** Opens connections, and closes all that it opened. */
function openConnections(open: BotOptions['connect']): {
  readonly connect: BotOptions['connect'];
  readonly close: () => void;
} {
  const opened: Redis[] = [];
  return {
    connect: (how) => {
      const connection = open(how);
      opened.push(connection);
      return connection;
    },
    close: () => opened.forEach((connection) => connection.disconnect()),
  };
}

function runPublisher(
  { store, outbox, redis, clock }: DeskParts,
  { loadCloud: load, knowledge, dates, recognise, noWorkerSince: pulse, times }: CloudDesk,
  log: Logger,
): RunPublisher {
  const aboutCloud = async (name: string): Promise<KnownCloud | undefined> => {
    try {
      return { cloud: await load(name), knowledge };
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      log.error({ cloud: name, err: error }, 'nobody may approve while its file is wrong');
      return undefined;
    }
  };
  const { nowMs: now } = clock;
  const drawn = { dates, recognise, times, noWorkerSince: pulse };
  return { store, outbox, redis, aboutCloud, ...drawn, now, log };
}
