import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { redisServerShell } from './scripts/embedded.ts';

export interface RedisServer {
  /** For `new Redis(url)`: the path of a Unix socket, or a redis:// URL with a password where that path is too long. */
  readonly url: string;
  readonly options: RedisAddress;
  readonly pid: number;
  /** The exit code as a shell tells it: 0 after `stop`, 137 after SIGKILL. Never rejects. */
  readonly exited: Promise<number>;
  /** Asks the server to end and waits until it has. */
  readonly stop: () => Promise<void>;
  /** Ends the server as a power cut would, for tests. */
  readonly kill9: () => Promise<void>;
}

export type RedisAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly password: string };

interface Options {
  readonly dir: string;
  /** Where it answered before it was started again. Unset: a socket in `dir`, or a free port. */
  readonly address?: RedisAddress;
  readonly log?: (line: string) => void;
  /** Where the server is looked for, in the form of PATH. Unset: the PATH of this process. */
  readonly searchPath?: string;
  /** How long a server that is just ending may keep the directory. */
  readonly ownerGraceMs?: number;
}

/**
 * Starts a private Redis (or Valkey) on the data in `dir` and resolves once it answers. It ends soon after this process
 * does, however this process ends. Throws OperatorErrors named `RedisMissing`, `RedisDirectoryInUse` and `RedisEnded`.
 */
export async function startRedisServer(options: Options): Promise<RedisServer> {
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
  const address = options.address ?? (await addressIn(dir));
  await writeFile(`${dir}/redis.conf`, configuration(dir, address), { mode: 0o600 });

  const { firstLine, exited, lastLines } = launch(dir, options);
  const pid = Number(await Promise.race([firstLine, exited.then(() => '')]));
  if (!pid) throw notStarted(dir, await exited, lastLines);
  await answering(address, exited, () => notStarted(dir, -1, lastLines));

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
    await exited;
  };
  return {
    url: 'path' in address ? address.path : urlOf(address),
    options: address,
    pid,
    exited,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  };
}

/** The kernel takes at most 107 bytes for the path of a Unix socket. */
const longestSocketPath = 100;

async function addressIn(dir: string): Promise<RedisAddress> {
  const path = `${dir}/redis.sock`;
  if (Buffer.byteLength(path) <= longestSocketPath) return { path };
  return { host: '127.0.0.1', port: await freePort(), password: randomBytes(24).toString('hex') };
}

const urlOf = ({ host, port, password }: Exclude<RedisAddress, { path: string }>): string =>
  `redis://:${password}@${host}:${port}`;

/**
 * `appendfsync always`: an approval or a started step that was acknowledged may not be forgotten, not even the last second
 * of them. A run writes a few events a second, so the price of an fsync each is not felt.
 */
function configuration(dir: string, address: RedisAddress): string {
  const lines = [
    ['dir', dir],
    ['daemonize', 'no'],
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
    ['save', ''],
    ['maxmemory-policy', 'noeviction'],
    ['protected-mode', 'yes'],
    ...('path' in address
      ? [
          ['port', '0'],
          ['unixsocket', address.path],
          ['unixsocketperm', '700'],
        ]
      : [
          ['bind', address.host],
          ['port', String(address.port)],
          ['requirepass', address.password],
        ]),
  ];
  return lines.map(([key, value]) => `${key} ${JSON.stringify(value)}\n`).join('');
}

// Two servers on one append-only file would ruin it, so the server itself holds a lock that the kernel frees at its death:
// no pid file that could be stale. Standard input is a pipe from this process; its end says that this process is gone.
function launch(dir: string, { log, searchPath, ownerGraceMs = 5_000 }: Options) {
  const path = searchPath ?? process.env['PATH'] ?? '';
  const child = spawn('/bin/sh', ['-c', redisServerShell, 'sh', dir, String(ownerGraceMs / 1000)], {
    env: { PATH: path },
    // A session of its own: Ctrl-C reaches this process first, which then stops the server in good order.
    detached: true,
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.splice(0, lastLines.length - 2); // three are enough for a message
    lastLines.push(line.trim());
    log?.(line);
  });
  const firstLine = new Promise<string>((done) => {
    createInterface({ input: child.stdout }).once('line', done);
  });
  const exited = new Promise<number>((done) => {
    child.once('close', (code) => done(code ?? 137));
  });
  return { firstLine, exited, lastLines };
}

/** Waits for a PONG; a server that is still loading its data answers none. */
async function answering(
  address: RedisAddress,
  exited: Promise<number>,
  ended: () => Error,
): Promise<void> {
  const client = new Redis({
    ...address,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
    disconnectTimeout: 1, // else a timer of 2 s outlives a refused connection
  });
  client.on('error', () => {}); // refused until it listens
  try {
    const pong = client.ping();
    pong.catch(() => {}); // lost with the client when the server ended first
    await Promise.race([
      pong,
      exited.then(() => {
        throw ended();
      }),
    ]);
  } finally {
    client.disconnect();
  }
}

function notStarted(dir: string, exit: number, lastLines: readonly string[]): OperatorError {
  const doing = `starting the embedded Redis in ${dir}`;
  switch (exit) {
    case 69:
      return new OperatorError(`${doing}: neither redis-server nor valkey-server is on the PATH`, {
        name: 'RedisMissing',
        hint: 'Install it with "sudo apt-get install --yes redis-server" (Debian 13: valkey-server), or set REDIS_URL.',
      });
    case 72:
      return new OperatorError(`${doing}: flock is not on the PATH`, {
        name: 'RedisMissing',
        hint: 'Install it with "sudo apt-get install --yes util-linux", or set REDIS_URL.',
      });
    case 75:
      return new OperatorError(`${doing}: another Redis that is alive owns this directory`, {
        name: 'RedisDirectoryInUse',
        hint: 'Stop the other Hopscotch on this DATA_DIR, or give this one a DATA_DIR of its own.',
      });
    default:
      return new OperatorError(`${doing}: it ended at once: ${lastLines.join(' | ')}`, {
        name: 'RedisEnded',
        hint: 'The lines above are its own. A full disk and a damaged append-only file (redis-check-aof) are the usual reasons.',
      });
  }
}
