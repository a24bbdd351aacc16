import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { eventually } from '../eventually.ts';

/** The servers that this machine has: Redis, and Valkey where its distribution brings it. */
export const redisPrograms = ['redis-server', 'valkey-server'].filter(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** A Redis as somebody else set it up. */
export interface PlainRedis {
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  readonly client: () => Redis;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly program?: string;
  /** Lines of redis.conf. Unset: fit for us. */
  readonly config?: string;
  readonly port?: number;
  readonly isSentinel?: boolean;
  /** More lines, which name files of the directory. */
  readonly more?: (dir: string) => string;
  /** Called with the directory before the start. */
  readonly prepare?: (dir: string) => Promise<void>;
}

export const fit = 'appendonly yes\nmaxmemory-policy noeviction\nsave ""\n';

export async function startPlainRedis(options: Options = {}): Promise<PlainRedis> {
  const { program = 'redis-server', config = fit, more, prepare, isSentinel = false } = options;
  const dir = await mkdtemp(join(tmpdir(), 'plain-redis-'));
  const port = options.port ?? (await freePort());
  const file = join(dir, 'redis.conf');
  await writeFile(file, `bind 127.0.0.1\nport ${port}\ndir ${dir}\n${config}${more?.(dir) ?? ''}`);
  await prepare?.(dir);
  const child: ChildProcess = spawn(program, [file, ...(isSentinel ? ['--sentinel'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const clients: Redis[] = [];
  const stop = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(said);
    return (
      /Ready to accept connections|Sentinel ID is|Running mode=sentinel/.test(said) || undefined
    );
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    client: () => {
      const client = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: 1 });
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    stop,
  };
}
