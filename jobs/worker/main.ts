import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { keepLocks } from '../redis/leases/keep-locks.ts';
import { patientRedis } from '../redis/queue.ts';
import { requireRedis } from '../redis/reach/check.ts';
import { openRedis } from '../redis/reach/connection.ts';
import { redisOptions } from '../redis/reach/url.ts';
import { type KeepingSettings, openKeeping } from '../redis/seal/key.ts';
import type { Secret } from '../ssh/secret.ts';
import { startWorker } from './worker.ts';

/** What a worker process tells its supervisor: which locks are its own, so that they can be given back if it dies. */
export interface WorkerReady {
  readonly ready: 'worker';
  readonly owners: { readonly runs: string; readonly steps: string };
}

export interface WorkerSettings {
  readonly redisUrl?: Secret;
  readonly keeping: KeepingSettings;
}

/** Runs steps on hosts until SIGTERM, or until its supervisor is gone. */
export async function runWorkerProcess(
  { redisUrl, keeping: settings }: WorkerSettings,
  log: Logger,
): Promise<void> {
  if (redisUrl === undefined) throw new Error('the supervisor passes REDIS_URL');
  const where = redisOptions(redisUrl.reveal());
  await requireRedis(where, log);
  const connect = (): Redis => openRedis(where, patientRedis, log);
  const asking = connect();
  const keeping = await openKeeping(settings, asking).finally(() => asking.disconnect());
  const worker = startWorker({ connect, keeping, log });
  keepLocks({ where, owners: worker.owners, beats: true }, log);
  process.send?.({ ready: 'worker', owners: worker.owners } satisfies WorkerReady);
  log.info('ready');

  let draining = false;
  const end = (why: string): void => {
    if (draining) return;
    draining = true;
    log.info({ why }, 'draining');
    void worker.drain().finally(() => process.exit(0));
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('disconnect', () => end('the supervisor is gone'));
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
}
