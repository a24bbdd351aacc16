import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { loadCloud } from '../../jobs/files/cloud.ts';
import { fileArchive } from '../../jobs/redis/archive/files.ts';
import { openClock } from '../../jobs/redis/clock.ts';
import { openHostInspector } from '../../jobs/redis/host-inspector.ts';
import { openProbeLease } from '../../jobs/redis/pulse.ts';
import { openQueuedStore, openQueues, patientRedis } from '../../jobs/redis/queue.ts';
import { requireRedis } from '../../jobs/redis/reach/check.ts';
import { openRedis } from '../../jobs/redis/reach/connection.ts';
import { redisOptions } from '../../jobs/redis/reach/url.ts';
import { openKeeping } from '../../jobs/redis/seal/key.ts';
import type { Keeping } from '../../jobs/redis/seal/seal.ts';
import { watchSlowSteps } from '../../jobs/redis/times/watch-slow-steps.ts';
import { openEdgeTroubles } from '../../jobs/redis/troubles.ts';
import { openKnowledge } from '../../openstack/knowledge/open.ts';
import { watchServing } from '../../openstack/serving/serving.ts';
import type { BotSettings } from '../main.ts';
import { knownTroubles } from '../edges.ts';
import { openCloudDesk } from '../open-desk.ts';
import { openOutbox } from '../outbox/outbox.ts';
import { planAside } from '../planning/planning.ts';
import { slackLogger } from '../slack/logger.ts';
import { type SlackConfig, slackAccountOf } from '../slack/settings.ts';
import { type LocalDoor, openLocalDoor } from './door.ts';

export interface LocalSettings extends BotSettings {
  /** Where the local door is. Unset: `door` under `dataDir`. */
  readonly doorDir?: string;
}

/**
 * What runs beside the bot on its machine, and needs no Slack: the local door, and watches over runs that last: how their
 * clouds serve, and what takes longer than usual.
 * Until SIGTERM, or until its supervisor is gone.
 */
export async function runLocalProcess(settings: LocalSettings, log: Logger): Promise<void> {
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  const { redisUrl, slack, dataDir, doorDir } = settings;
  if (redisUrl === undefined || slack === undefined)
    throw new Error('the supervisor passes REDIS_URL and the settings of Slack');
  const where = redisOptions(redisUrl.reveal());
  await requireRedis(where, log);
  const connect = (): Redis => openRedis(where, patientRedis, log);
  const redis = connect();
  const { archiveDir = join(dataDir, 'archive') } = settings;
  const kept = await openKeeping(settings.keeping, redis);
  const keeping = { ...kept, archive: fileArchive(archiveDir) };
  const local = await openLocal({ settings, slack, keeping, connect, redis, log });
  const door = await openDoor({ dir: doorDir ?? (await ownDoorDir(dataDir)), ...local, log });
  log.info('ready');

  let draining = false;
  const end = (why: string): void => {
    if (draining) return;
    draining = true;
    log.info({ why }, 'draining');
    local.stop();
    void door?.close();
    setTimeout(() => process.exit(0), 300);
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('disconnect', () => end('the supervisor is gone'));
}

interface Opening {
  readonly settings: LocalSettings;
  readonly slack: SlackConfig;
  readonly keeping: Keeping;
  readonly connect: () => Redis;
  readonly redis: Redis;
  readonly log: Logger;
}

async function openLocal({ settings, slack, keeping, connect, redis, log }: Opening) {
  const { cloudsDir, runbooksDir, confirmedMs } = settings;
  const knowledge = await openKnowledge();
  const clock = openClock(redis);
  await clock.ready;
  const queues = openQueues(redis);
  const store = openQueuedStore(redis, queues, keeping);
  const inspector = openHostInspector(connect, { seal: keeping.seal, timeoutMs: 10_000 });
  const client = slackClient(slack, log);
  const outbox = openOutbox({ redis, slack: client, log, now: clock.nowMs });
  const kept = openEdgeTroubles(redis, clock.now);
  const troubles = () => knownTroubles(redis, kept);
  const parts = { knowledge, redis, queues, store, inspector, client, troubles, outbox, clock };
  const plans = planAside();
  const desk = openCloudDesk(parts, {
    cloudsDir,
    runbooksDir,
    confirmedMs,
    keeping,
    plans,
    log,
  });
  const stopProbing = watchServing({
    store,
    loadCloud: (name) => loadCloud(cloudsDir, name),
    lease: openProbeLease(redis),
    look: inspector.look,
    newId: () => `probe-${randomUUID()}`,
    nowMs: clock.nowMs,
    log,
  });
  const { times } = desk;
  const stopTiming = times && watchSlowSteps({ store, times, nowMs: clock.nowMs, log });
  return {
    desk,
    stop: () => {
      stopProbing();
      stopTiming?.();
    },
  };
}

/** Somebody waits at the door for each answer, so a Slack that hangs is not waited for long. */
function slackClient(slack: SlackConfig, log: Logger): WebClient {
  const { botToken, apiUrl } = slackAccountOf(slack);
  return new WebClient(botToken, {
    logger: slackLogger(log),
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    timeout: 2500,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
}

/** Probing goes on without a door. */
async function openDoor(
  options: Parameters<typeof openLocalDoor>[0],
): Promise<LocalDoor | undefined> {
  return openLocalDoor(options).catch((error: unknown) => {
    options.log.error({ err: error }, 'nobody can steer runs from this machine');
    return undefined;
  });
}

/** Whoever may look for the door has to get past the folder that it is in, which holds nothing else that others may read. */
async function ownDoorDir(dataDir: string): Promise<string> {
  if (existsSync(dataDir)) {
    const { mode } = await stat(dataDir);
    await chmod(dataDir, (mode & 0o777) | 0o011);
  }
  return join(dataDir, 'door');
}
