import { join } from 'node:path';
import type { Logger } from 'pino';
import { fileArchive } from '../jobs/redis/archive/files.ts';
import { openEmbeddedRedis } from '../jobs/redis/embedded.ts';
import { keepLocks } from '../jobs/redis/leases/keep-locks.ts';
import { requireRedis } from '../jobs/redis/reach/check.ts';
import { openRedis } from '../jobs/redis/reach/connection.ts';
import { redisOptions } from '../jobs/redis/reach/url.ts';
import { type KeepingSettings, openKeeping, ownKeyFile } from '../jobs/redis/seal/key.ts';
import type { Secret } from '../jobs/ssh/secret.ts';
import { openKnowledge } from '../openstack/knowledge/open.ts';
import { type BotOptions, startBot } from './bot.ts';
import { planAside } from './planning/planning.ts';
import { datesFor } from './slack/dates.ts';
import { type SlackConfig, slackAccountOf } from './slack/settings.ts';

/** What a bot process tells its supervisor: which locks are its own, so that they can be given back if it dies. */
export interface BotReady {
  readonly ready: 'bot';
  readonly owners: { readonly presses: string; readonly cards: string };
}

export interface BotSettings {
  readonly slack?: SlackConfig;
  /** Unset: an embedded Redis under `dataDir`. */
  readonly redisUrl?: Secret;
  readonly keeping: KeepingSettings;
  /** How long what Slack confirmed counts while it is silent. */
  readonly confirmedMs: number;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  readonly dataDir: string;
  /** Where runs are that ended long ago. Unset: under `dataDir` with the embedded Redis, else in Redis. */
  readonly archiveDir?: string;
}

/** Answers Slack until SIGTERM, or until its supervisor is gone. */
export async function runBotProcess(settings: BotSettings, log: Logger): Promise<void> {
  // socket-mode 3.1.0 leaves one behind when a disconnect meets a reconnect (node-slack-sdk#2656): it is no reason to die.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  if (settings.slack === undefined) throw new Error('a bot has the settings of Slack');

  const embedded =
    settings.redisUrl === undefined
      ? await openEmbeddedRedis(join(settings.dataDir, 'redis'), log)
      : undefined;
  const where = redisOptions(settings.redisUrl?.reveal() ?? embedded?.url() ?? '');
  await requireRedis(where, log);
  const connect: BotOptions['connect'] = (how) => openRedis(where, how, log);
  const { keeping: given } = settings;
  const isGiven = embedded === undefined || given.key !== undefined || given.keyFile !== undefined;
  const asking = connect({ enableOfflineQueue: true, maxRetriesPerRequest: null });
  const kept = await openKeeping(
    isGiven ? given : { ...given, keyFile: await ownKeyFile(settings.dataDir) },
    asking,
  ).finally(() => asking.disconnect());
  const { archiveDir = embedded && join(settings.dataDir, 'archive') } = settings;
  const keeping = archiveDir === undefined ? kept : { ...kept, archive: fileArchive(archiveDir) };
  const bot = await startBot({
    slack: slackAccountOf(settings.slack),
    dates: datesFor(settings.slack.apiUrl),
    confirmedMs: settings.confirmedMs,
    cloudsDir: settings.cloudsDir,
    runbooksDir: settings.runbooksDir,
    knowledge: await openKnowledge(),
    plans: planAside(),
    connect,
    keeping,
    log,
  });
  keepLocks({ where, owners: bot.owners, beats: false }, log);
  process.send?.({ ready: 'bot', owners: bot.owners } satisfies BotReady);
  log.info('ready');

  let draining = false;
  // Another process asks Slack anew, after pauses that its supervisor lets grow.
  void bot.shutOut.then((refusal) => {
    log.fatal({ err: refusal }, 'slack lets us in no more: ending, to be started again');
    setTimeout(() => process.exit(1), 5000);
    return bot.drain().finally(() => process.exit(1));
  });
  const end = (why: string): void => {
    if (draining) return;
    draining = true;
    log.info({ why }, 'draining');
    void bot
      .drain()
      .then(() => embedded?.stop())
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('disconnect', () => end('the supervisor is gone'));
}
