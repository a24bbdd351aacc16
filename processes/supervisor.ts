import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { restartPauses } from './restart-pauses.ts';
import { QueueName } from '../jobs/redis/queues/open-queue.ts';
import { decideAllAgain, giveBackJobs } from '../jobs/redis/queues/give-back.ts';
import { wayTo } from '../jobs/redis/reach/primary.ts';
import { redisOptions } from '../jobs/redis/reach/url.ts';

export interface SupervisedProcess {
  /** SIGTERM, then SIGKILL for a process that has not drained in time. */
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly name: string;
  /** The file it begins with, and the argument that says which process it is. */
  readonly entrance: string;
  readonly argument?: string;
  readonly log: Logger;
  readonly redisUrl: () => string;
  /** Arguments of Node itself, behind those of this process. */
  readonly nodeArguments?: readonly string[];
  /** More of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take to end in good order. */
  readonly drainMs?: number;
}

type Owners = Readonly<Partial<Record<QueueName, string>>>;

/** A child says which locks are its own as soon as it works. */
const Ready = z.object({ owners: z.partialRecord(QueueName, z.string()) });

/** Keeps a process running, and gives the jobs of a dead one back to their queues at once. */
export function superviseProcess(options: Options): SupervisedProcess {
  const { name, entrance, argument, log, redisUrl, env = {}, drainMs = 15_000 } = options;
  const { nodeArguments = [] } = options;
  let stopping = false;
  let child: ChildProcess;
  let restart: NodeJS.Timeout | undefined;
  const pauseAfter = restartPauses();
  let owners: Owners = {};
  start();

  function start(): void {
    const startedMs = Date.now();
    owners = {};
    child = fork(entrance, argument === undefined ? [] : [argument], {
      execArgv: [...process.execArgv, ...nodeArguments],
      env: { ...process.env, ...env, REDIS_URL: redisUrl() },
    });
    child.on('message', (message) => {
      const ready = Ready.safeParse(message);
      if (ready.success) owners = ready.data.owners;
    });
    child.on('error', (error) => {
      log.error({ err: error, process: name }, 'starting a process');
      if (child.pid === undefined && !stopping) restart = setTimeout(start, 2000);
    });
    child.on('exit', (code, signal) => {
      if (stopping) return;
      const livedMs = Date.now() - startedMs;
      const pauseMs = pauseAfter({ livedMs, byItself: signal === null && code !== 0 });
      const again = pauseMs === 0 ? 'at once' : `in ${pauseMs / 1000} s`;
      log.error({ process: name, code, signal, again }, 'process ended; starting it again');
      void giveBack(owners, options);
      restart = setTimeout(start, pauseMs);
    });
  }

  return {
    stop: async () => {
      stopping = true;
      clearTimeout(restart);
      const isThere =
        child.pid !== undefined && child.exitCode === null && child.signalCode === null;
      if (!isThere) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), drainMs);
      await exited;
      clearTimeout(killer);
      if (child.signalCode !== null) await giveBack(owners, options);
    },
  };
}

/** Longer than a failover takes. */
const giveBackMs = 5000;

/**
 * Never rejects: what is not given back here is taken over as soon as its lock has run out. Nor does it wait for ever: a Redis
 * that is frozen takes connections and answers nothing.
 */
async function giveBack(
  owners: Owners,
  { redisUrl, log }: Pick<Options, 'redisUrl' | 'log'>,
): Promise<void> {
  const dead = Object.entries(owners);
  if (dead.length === 0) return;
  const redis = new Redis({ ...wayTo(redisOptions(redisUrl()), false), maxRetriesPerRequest: 3 });
  redis.on('error', () => {});
  const given = async (): Promise<void> => {
    for (const [queue, owner] of dead) {
      const count = await giveBackJobs(QueueName.parse(queue), redis, owner);
      if (count > 0) log.info({ queue, count }, 'gave jobs back');
    }
    if (owners.runs !== undefined) await decideAllAgain(redis);
  };
  const giving = given().catch((error: unknown) => log.warn({ err: error }, 'giving jobs back'));
  await Promise.race([giving, sleep(giveBackMs, undefined, { ref: false })]);
  redis.disconnect();
}
