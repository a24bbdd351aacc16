import { Redis } from 'ioredis';
import { pino } from 'pino';
import { patientRedis } from '../../../jobs/redis/queue.ts';
import { keepLocks } from '../../../jobs/redis/leases/keep-locks.ts';
import { redisOptions } from '../../../jobs/redis/reach/url.ts';
import { startWorker } from '../../../jobs/worker/worker.ts';

// A worker process as a supervisor starts it; with QUIET it does not say which locks are its own.
const where = redisOptions(process.env['REDIS_URL'] ?? '');
const connect = (): Redis => {
  const connection = new Redis({ ...where, ...patientRedis });
  connection.on('error', () => {});
  return connection;
};
const log = pino({ level: 'silent' });
const worker = startWorker({ connect, log });
if (process.env['KEEPS'] !== 'no')
  await keepLocks({ where, owners: worker.owners, beats: true }, log).begun;
if (process.env['QUIET'] === undefined) process.send?.({ ready: 'worker', owners: worker.owners });
const end = (): void => void worker.drain().finally(() => process.exit(0));
process.on('SIGTERM', end);
// A message blocks its event loop for so many milliseconds.
process.on('message', (ms) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms)),
);
process.on('disconnect', end);
