import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { OperatorError } from '../handlers/errors.ts';
import { type SlackConfig, loadConfig } from '../jobs/config.ts';
import { openEmbeddedRedis } from '../jobs/embedded-redis.ts';
import { redisOptions } from '../jobs/redis-url.ts';
import type { Slack } from './app.ts';
import { startBot } from './bot.ts';
import { datesFor } from './dates.ts';

/** What a bot process tells its supervisor: which locks are its own, so that they can be given back if it dies. */
export interface BotReady {
  readonly ready: 'bot';
  readonly owners: { readonly presses: string; readonly cards: string };
}

async function main(): Promise<void> {
  const config = loadConfig(process.env, 'bot');
  const log = pino({ level: config.logLevel, name: 'bot' });
  // socket-mode 3.1.0 leaves one behind when a disconnect meets a reconnect (node-slack-sdk#2656): it is no reason to die.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  if (config.slack === undefined) throw new Error('a bot has the settings of Slack');

  const embedded =
    config.redisUrl === undefined
      ? await openEmbeddedRedis(join(config.dataDir, 'redis'), log)
      : undefined;
  const where = redisOptions(config.redisUrl?.reveal() ?? embedded?.url() ?? '');
  const bot = await startBot({
    slack: slackOf(config.slack),
    dates: datesFor(config.slack.apiUrl),
    cloudsDir: config.cloudsDir,
    runbooksDir: config.runbooksDir,
    knowledgeDir: knowledgeDir(),
    connect: (how) => {
      const redis = new Redis({ ...where, ...how });
      redis.on('error', (error) => log.warn({ err: error }, 'redis'));
      return redis;
    },
    log,
  });
  process.send?.({ ready: 'bot', owners: bot.owners } satisfies BotReady);
  log.info('ready');

  let draining = false;
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

/** Beside `bot/`, and beside `dist/` once it is built. */
const knowledgeDir = (): string => {
  const here = import.meta.dirname;
  const places = ['..', '../..'].map((up) => join(here, up, 'runbooks/openstack'));
  return places.find((place) => existsSync(place)) ?? join(here, '../runbooks/openstack');
};

function slackOf({ botToken, mode, apiUrl }: SlackConfig): Slack {
  return {
    botToken: botToken.reveal(),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    inbound:
      mode.type === 'socket'
        ? { mode: 'socket', appToken: mode.appToken.reveal() }
        : {
            mode: 'http',
            signingSecret: mode.signingSecret.reveal(),
            port: mode.port,
            ...(mode.host === undefined ? {} : { host: mode.host }),
          },
  };
}

try {
  await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exit(1);
}
