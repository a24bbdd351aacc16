import { join } from 'node:path';
import type { Logger } from 'pino';
import { OperatorError } from '../handlers/contract/errors.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../jobs/redis/embedded.ts';
import { ownKeyFile } from '../jobs/redis/seal/key.ts';
import type { Config, ProcessRole } from './config.ts';
import { type SupervisedProcess, superviseProcess } from './supervisor.ts';

interface Options {
  readonly config: Config;
  readonly log: Logger;
  /** The file that every process begins with. */
  readonly entrance: string;
}

/** Starts the processes of a role and keeps them running, beside a private Redis where none is given, until SIGTERM. */
export async function runProcesses(
  role: ProcessRole,
  { config, log, entrance }: Options,
): Promise<void> {
  const redis = await privateRedis(role, config, log);
  const redisUrl = (): string => config.redisUrl?.reveal() ?? redis?.url() ?? '';
  const { key, keyFile } = config.keeping;
  const isGiven = key !== undefined || keyFile !== undefined;
  const env = isGiven ? {} : { HOPSCOTCH_KEY_FILE: await ownKeyFile(config.dataDir) };
  const start = (name: 'bot' | 'worker' | 'local'): SupervisedProcess =>
    superviseProcess({
      name,
      entrance,
      argument: `${name}-process`,
      nodeArguments: name === 'worker' ? smallYoung : [],
      log,
      redisUrl,
      env,
    });
  const parts = names[role].map(start);

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
}

/** MB: what a worker makes is soon garbage. With the 16 that Node takes it needs 30 MB more, and no less processor time. */
const smallYoung = ['--max-semi-space-size=4'];

/** Beside each bot: what needs its machine and its files, and no Slack. */
const names = {
  all: ['bot', 'worker', 'local'],
  bot: ['bot', 'local'],
  worker: ['worker'],
} as const;

async function privateRedis(
  role: ProcessRole,
  { dataDir, redisUrl }: Config,
  log: Logger,
): Promise<EmbeddedRedis | undefined> {
  if (redisUrl !== undefined) return undefined;
  if (role === 'worker') {
    throw new OperatorError('starting a worker: REDIS_URL is not set', {
      hint: 'A worker of its own shares a Redis with the bot: set REDIS_URL for both, or run everything with npm start.',
      name: 'BadConfig',
    });
  }
  return openEmbeddedRedis(join(dataDir, 'redis'), log);
}
