import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { OperatorError } from '../handlers/errors.ts';
import { type Config, type ProcessRole, loadConfig } from './config.ts';
import { type Supervised, supervise } from './supervisor.ts';
import { openEmbeddedRedis, type EmbeddedRedis } from './embedded-redis.ts';

/** `npm start` runs everything; `npm run bot` and `npm run worker` give the half as the first argument. */
async function main(role: ProcessRole): Promise<void> {
  const config = loadConfig(process.env, role);
  const log = pino({ level: config.logLevel, name: 'hopscotch' });
  const redis = await redisOf(config, role);
  const parts: Supervised[] = [];
  const url = (): string => config.redisUrl?.reveal() ?? redis?.url() ?? '';
  if (role !== 'worker')
    parts.push(supervise({ name: 'bot', module: '../bot/main', log, redisUrl: url }));
  if (role !== 'bot')
    parts.push(supervise({ name: 'worker', module: './worker-main', log, redisUrl: url }));

  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'draining');
    await Promise.all(parts.map((part) => part.stop()));
    await redis?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));

  async function redisOf(
    { dataDir, redisUrl }: Config,
    which: ProcessRole,
  ): Promise<EmbeddedRedis | undefined> {
    if (redisUrl !== undefined) return undefined;
    if (which === 'worker') {
      throw new OperatorError('starting a worker: REDIS_URL is not set', {
        hint: 'A worker of its own shares a Redis with the bot: set REDIS_URL for both, or run everything with npm start.',
        name: 'BadConfig',
      });
    }
    return openEmbeddedRedis(join(dataDir, 'redis'), log);
  }
}

const role = process.argv[2];
// Variables that are set already win over the file, as with `node --env-file`.
if (existsSync('.env')) process.loadEnvFile('.env');
try {
  await main(role === 'bot' || role === 'worker' ? role : 'all');
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exit(1);
}
