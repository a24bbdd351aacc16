import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { OperatorError } from './handlers/contract/errors.ts';
import { loadConfig } from './processes/config.ts';
import { runAll } from './processes/run-all.ts';

/**
 * The entrance of every process. `npm start` runs everything; `npm run bot` and `npm run worker` give the half as the first
 * argument. Those supervise processes of this same file, which get `bot-process` or `worker-process`.
 */
async function main(argument: string | undefined): Promise<void> {
  const { env } = process;
  switch (argument ?? 'all') {
    case 'bot-process': {
      const { runBotProcess } = await import('./bot/main.ts');
      const config = loadConfig(env, 'bot');
      return runBotProcess(config, pino({ level: config.logLevel, name: 'bot' }));
    }
    case 'worker-process': {
      const { runWorkerProcess } = await import('./jobs/worker/main.ts');
      const config = loadConfig(env, 'worker');
      return runWorkerProcess(config, pino({ level: config.logLevel, name: 'worker' }));
    }
    default: {
      const role = argument === 'bot' || argument === 'worker' ? argument : 'all';
      // Variables that are set already win over the file, as with `node --env-file`.
      if (existsSync('.env')) process.loadEnvFile('.env');
      const config = loadConfig(env, role);
      const log = pino({ level: config.logLevel, name: 'hopscotch' });
      return runAll(role, { config, log, entrance: import.meta.filename });
    }
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exit(1);
}
