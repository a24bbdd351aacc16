import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { QueueName } from '../../../jobs/redis/queues/open-queue.ts';

interface Options {
  readonly redisUrl: string;
  readonly queue: QueueName;
  readonly drains?: 'never';
}

/** A script of this folder that runs as a process and says on standard output what it does. */
export interface SpeakingProcess {
  /** The words of the next line that begins with this one. Lines before it are passed over. */
  readonly hear: (word: string) => Promise<string[]>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exited: Promise<unknown>;
}

export function startScript(name: string, { redisUrl, queue, drains }: Options): SpeakingProcess {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: {
      ...process.env,
      QUEUE: queue,
      REDIS_URL: redisUrl,
      ...(drains === undefined ? {} : { DRAINS: drains }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    hear: async (word) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`${name} ended without saying ${word}`);
        const [first, ...rest] = value.split(' ');
        if (first === word) return rest;
      }
    },
    kill: (signal) => void child.kill(signal),
    exited,
  };
}

/** A process that takes jobs of a queue and never ends one. */
export interface WorkerChild {
  /** What its locks begin with. */
  readonly owner: string;
  /** Resolves when it takes its next job. */
  readonly took: () => Promise<unknown>;
  readonly kill9: () => Promise<void>;
}

export async function startWorkerProcess(redisUrl: string, queue: QueueName): Promise<WorkerChild> {
  const script = startScript('endless-worker', { redisUrl, queue });
  const [, owner = ''] = await script.hear('worker');
  return {
    owner,
    took: () => script.hear('took'),
    kill9: async () => {
      script.kill('SIGKILL');
      await script.exited;
    },
  };
}
