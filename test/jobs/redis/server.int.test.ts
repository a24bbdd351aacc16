import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedisServer, type RedisServer } from '../../../jobs/redis/server.ts';

describe('embedded Redis', () => {
  let dir: string;
  let servers: RedisServer[];

  const start = async (options: Partial<Parameters<typeof startRedisServer>[0]> = {}) => {
    const server = await startRedisServer({ dir, ...options });
    servers.push(server);
    return server;
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'redis-'));
    servers = [];
  });

  afterEach(async () => {
    for (const server of servers) await server.stop();
    await rm(dir, { recursive: true });
  });

  it('keeps what was acknowledged through kill -9 and a restart on the same directory', async () => {
    const first = await start();
    await ask(first, (redis) => redis.set('run:1', 'approved'));

    await first.kill9();
    expect(await first.exited).toBe(137);
    const second = await start();

    expect(await ask(second, (redis) => redis.get('run:1'))).toBe('approved');
  });

  it('never forgets or evicts, and listens only on a socket in a directory of its own', async () => {
    const server = await start();

    const config = await ask(server, (redis) =>
      redis.config('GET', 'appendonly', 'appendfsync', 'maxmemory-policy', 'save', 'port'),
    );
    expect(Object.fromEntries(pairs(config))).toEqual({
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
      save: '',
      port: '0',
    });
    expect(server.url).toBe(`${dir}/redis.sock`);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('ends on stop, and a second start follows at once', async () => {
    const first = await start();

    await first.stop();

    expect(await first.exited).toBe(0);
    expect(isAlive(first.pid)).toBe(false);
    await start();
  });

  it('refuses a directory whose Redis is alive', async () => {
    await start();

    await expect(start({ ownerGraceMs: 50 })).rejects.toMatchObject({
      name: 'RedisDirectoryInUse',
      message: `starting the embedded Redis in ${dir}: another Redis that is alive owns this directory`,
    });
  });

  it('takes over from a Redis that is just ending', async () => {
    const first = await start();

    const second = start();
    await first.stop();

    expect((await second).pid).not.toBe(first.pid);
  });

  it('takes a loopback port with a password where the path of the socket is too long', async () => {
    dir = join(dir, 'd'.repeat(60), 'with "quotes" and spaces', 'e'.repeat(30));
    await mkdir(dir, { recursive: true });
    const server = await start();

    expect(server.url).toMatch(/^redis:\/\/:[0-9a-f]{48}@127\.0\.0\.1:\d+$/);
    expect(await ask(server, (redis) => redis.ping())).toBe('PONG');
    await expect(
      ask({ ...server, url: server.url.replace(/:[0-9a-f]{48}@/, '') }, (redis) => redis.ping()),
    ).rejects.toThrow('NOAUTH');
    await server.stop();
    dir = join(dir, '..', '..', '..');
  });

  it('names the command to install a missing server', async () => {
    await expect(start({ searchPath: '/nowhere' })).rejects.toMatchObject({
      name: 'RedisMissing',
      hint: expect.stringContaining('"sudo apt-get install --yes redis-server"'),
    });
  });

  it('says in its own words why it ended', async () => {
    const server = await start();
    await ask(server, (redis) => redis.set('a', 'b'));
    await server.stop();
    const aof = join(dir, 'appendonlydir');
    const [name] = (await readdir(aof)).filter((file) => file.endsWith('.incr.aof'));
    await writeFile(join(aof, name!), 'not an append-only file');

    await expect(start()).rejects.toMatchObject({
      name: 'RedisEnded',
      message: expect.stringContaining('Bad file format'),
    });
  });

  it('does not outlive a parent that was killed', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', '-e', parentScript, dir]);
    const pid = Number(await new Promise((done) => parent.stdout.once('data', done)));
    expect(isAlive(pid)).toBe(true);

    parent.kill('SIGKILL');

    await until(() => !isAlive(pid));
    expect(await readFile(join(dir, 'redis.conf'), 'utf8')).toContain('appendfsync');
  });
});

const parentScript = `
const { startRedisServer } = await import('./jobs/redis/server.ts');
console.log((await startRedisServer({ dir: process.argv[1] })).pid);
`;

async function ask<T>({ url }: { url: string }, question: (redis: Redis) => Promise<T>) {
  const redis = new Redis(url);
  redis.on('error', () => {}); // the question itself rejects
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

const pairs = (list: string[]): [string, string][] =>
  list.flatMap((key, i) => (i % 2 === 0 ? [[key, list[i + 1]!] as [string, string]] : []));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited 10 s in vain');
    await sleep(20);
  }
}
