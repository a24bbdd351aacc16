import { pino } from 'pino';
import { supervise } from '../../jobs/supervisor.ts';

/** Run as a process: keeps an endless worker running until SIGTERM, and says when it has stopped. */
const supervised = supervise({
  name: 'worker',
  module: '../test/support/endless-worker',
  log: pino({ level: 'silent' }),
  redisUrl: () => process.env['REDIS_URL'] ?? '',
  drainMs: 500,
});
process.on('SIGTERM', () => {
  void supervised.stop().then(() => {
    process.stdout.write('stopped\n');
    process.exit(0);
  });
});
