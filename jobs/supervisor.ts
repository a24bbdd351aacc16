import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { QueueName, giveBack } from './queue.ts';
import { redisOptions } from './redis-url.ts';

export interface Supervised {
  /** SIGTERM, then SIGKILL for a process that has not drained in time. */
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly name: string;
  /** Module path relative to this file, without its extension. */
  readonly module: string;
  readonly log: Logger;
  readonly redisUrl: () => string;
}

const drainMs = 15_000;
/** A process that dies sooner than this after its start is not started again at once. */
const quickDeathMs = 5_000;

type Owners = Readonly<Partial<Record<QueueName, string>>>;

/** A child says which locks are its own as soon as it works. */
const Ready = z.object({ owners: z.partialRecord(QueueName, z.string()) });

/** Keeps a process running, and gives the jobs of a dead one back to their queues at once. */
export function supervise({ name, module, log, redisUrl }: Options): Supervised {
  let stopping = false;
  let child: ChildProcess;
  let restart: NodeJS.Timeout | undefined;
  start();

  function start(): void {
    const startedMs = Date.now();
    const url = redisUrl();
    let owners: Owners = {};
    child = fork(fileURLToPath(new URL(module + extname(import.meta.url), import.meta.url)), {
      env: { ...process.env, REDIS_URL: url },
    });
    child.on('message', (message) => {
      const ready = Ready.safeParse(message);
      if (ready.success) owners = ready.data.owners;
    });
    child.on('exit', (code, signal) => {
      if (stopping) return;
      log.error({ process: name, code, signal }, 'process ended; starting it again');
      release(owners, url).catch((error: unknown) => log.warn({ err: error }, 'giving jobs back'));
      restart = setTimeout(start, Date.now() - startedMs < quickDeathMs ? 2000 : 0);
    });
  }

  async function release(owners: Owners, url: string): Promise<void> {
    if (Object.keys(owners).length === 0) return;
    const redis = new Redis({ ...redisOptions(url), maxRetriesPerRequest: 3 });
    redis.on('error', () => {});
    try {
      for (const [queue, owner] of Object.entries(owners)) {
        const count = await giveBack(QueueName.parse(queue), redis, owner);
        if (count > 0) log.info({ queue, count }, 'gave jobs back');
      }
    } finally {
      redis.disconnect();
    }
  }

  return {
    stop: async () => {
      stopping = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), drainMs);
      await exited;
      clearTimeout(killer);
    },
  };
}
