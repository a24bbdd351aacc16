import { Redis } from 'ioredis';
import { pino } from 'pino';
import { QueueName } from '../../../jobs/redis/queues/open-queue.ts';
import { openWorker } from '../../../jobs/redis/queues/open-worker.ts';
import { patientRedis } from '../../../jobs/redis/queue.ts';
import { redisOptions } from '../../../jobs/redis/reach/url.ts';

/** Run as a process: says its pid and the id of its worker, then that of every job it takes. It never ends a job. */
const queue = QueueName.parse(process.env['QUEUE']);
const connection = new Redis({ ...redisOptions(process.env['REDIS_URL'] ?? ''), ...patientRedis });
connection.on('error', () => {});
const worker = openWorker(
  queue,
  async (job) => {
    process.stdout.write(`took ${job.id}\n`);
    await new Promise(() => {});
  },
  { connection, log: pino({ level: 'silent' }) },
);
process.on('SIGTERM', () => {
  process.stdout.write('draining\n');
  if (process.env['DRAINS'] !== 'never') process.exit(0);
});
process.send?.({ owners: { [queue]: worker.id } });
process.stdout.write(`worker ${process.pid} ${worker.id}\n`);
