import { Redis } from 'ioredis';
import { pino } from 'pino';
import { patientRedis } from '../../../jobs/redis/queue.ts';
import { redisOptions } from '../../../jobs/redis/reach/url.ts';
import { startWorker } from '../../../jobs/worker/worker.ts';

// A worker process as a supervisor starts it; with QUIET it does not say which locks are its own.
const where = redisOptions(process.env['REDIS_URL'] ?? '');
const connect = (): Redis => {
  const connection = new Redis({ ...where, ...patientRedis });
  connection.on('error', () => {});
  return connection;
};
const worker = startWorker({ connect, log: pino({ level: 'silent' }) });
if (process.env['QUIET'] === undefined) process.send?.({ ready: 'worker', owners: worker.owners });
process.on('SIGTERM', () => void worker.drain().finally(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
