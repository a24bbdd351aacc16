import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { OperatorError } from './handlers/contract/errors.ts';
import { errorForLog } from './jobs/log/error-for-log.ts';
import { openLog } from './jobs/log/log.ts';
import { logNodeWarnings } from './jobs/log/node-warnings.ts';
import { type Config, loadConfig } from './processes/config.ts';
import { runProcesses } from './processes/run-all.ts';

/**
 * The entrance of every process. `npm start` runs everything; `npm run bot` and `npm run worker` give the half as the first
 * argument. Those supervise processes of this same file, which get `bot-process`, `local-process`
 * or `worker-process`.
 */
async function main(argument: string | undefined): Promise<void> {
  const { env } = process;
  switch (argument ?? 'all') {
    case 'bot-process': {
      const { runBotProcess } = await import('./bot/main.ts');
      const config = loadConfig(env, 'bot');
      return runBotProcess(config, openedLog(config, 'bot'));
    }
    case 'worker-process': {
      const { runWorkerProcess } = await import('./jobs/worker/main.ts');
      const config = loadConfig(env, 'worker');
      return runWorkerProcess(config, openedLog(config, 'worker'));
    }
    case 'local-process': {
      const { runLocalProcess } = await import('./bot/door/main.ts');
      const config = loadConfig(env, 'bot');
      return runLocalProcess(config, openedLog(config, 'local'));
    }
    default: {
      const role = argument === 'bot' || argument === 'worker' ? argument : 'all';
      // Variables that are set already win over the file, as with `node --env-file`.
      if (existsSync('.env')) process.loadEnvFile('.env');
      const config = loadConfig(env, role);
      const log = openedLog(config, 'hopscotch');
      return runProcesses(role, { config, log, entrance: import.meta.filename });
    }
  }
}

function openedLog({ logLevel: level }: Config, name: string): Logger {
  const log = openLog({ level, name });
  logNodeWarnings(log);
  return log;
}

process.on('uncaughtException', die);
try {
  await main(process.argv[2]);
} catch (error) {
  die(error);
}

/** Node itself would print an error with all that a library hung on it, such as the password that Redis refused. */
function die(error: unknown): never {
  const { message, stack = '' } = errorForLog(error);
  const said = error instanceof OperatorError ? [error.message, error.hint] : [message, stack];
  process.stderr.write(`${said.join('\n')}\n`);
  process.exit(1);
}
