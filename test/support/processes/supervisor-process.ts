import { join } from 'node:path';
import { pino } from 'pino';
import { superviseProcess } from '../../../processes/supervisor.ts';

/** Run as a process: keeps an endless worker, or the script that `ENTRANCE` names, running until SIGTERM, and says when it has stopped. */
const supervised = superviseProcess({
  name: 'worker',
  entrance: join(import.meta.dirname, process.env['ENTRANCE'] ?? 'endless-worker.ts'),
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
