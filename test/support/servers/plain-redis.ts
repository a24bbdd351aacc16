import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { eventually } from '../eventually.ts';
import { withDisk } from './sshd.ts';

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
  /** What it logged. */
  readonly log: () => string;
  /** SIGSTOP freezes it, SIGCONT lets it go on. */
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly program?: string;
  /** Lines of redis.conf. Unset: fit for us. */
  readonly config?: string;
  readonly port?: number;
  readonly isSentinel?: boolean;
  /** Gives its files a disk of its own of this size. */
  readonly diskBytes?: number;
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
  const { data, disk } = await placeOfFiles(dir, options.diskBytes);
  await writeFile(file, `bind 127.0.0.1\nport ${port}\ndir ${data}\n${config}${more?.(dir) ?? ''}`);
  await prepare?.(dir);
  const words = [...disk, program, file, ...(isSentinel ? ['--sentinel'] : [])];
  const child: ChildProcess = spawn(words[0] ?? '', words.slice(1), {
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
    log: () => said,
    signal: (name) => child.kill(name),
    stop,
  };
}

async function placeOfFiles(
  dir: string,
  diskBytes?: number,
): Promise<{ readonly data: string; readonly disk: readonly string[] }> {
  if (diskBytes === undefined) return { data: dir, disk: [] };
  const data = join(dir, 'disk');
  await mkdir(data);
  return { data, disk: withDisk(data, diskBytes) };
}

/** Writes until its disk is full. */
export async function fillDisk(redis: PlainRedis): Promise<void> {
  const admin = redis.client();
  const piece = 'x'.repeat(1_000_000);
  await eventually(() =>
    admin.set(`filler:${Math.random()}`, piece).then(
      () => false,
      () => true,
    ),
  );
}

/** Gives the disk back, and lets it keep its files anew. */
export async function clearDisk(redis: PlainRedis): Promise<void> {
  const admin = redis.client();
  await admin.config('SET', 'appendonly', 'no');
  const fillers = await admin.keys('filler:*');
  if (fillers.length > 0) await admin.del(...fillers);
  await admin.config('SET', 'appendonly', 'yes');
}
