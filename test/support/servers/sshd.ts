import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { type CuttableProxy, cuttableProxy } from './cuttable-proxy.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';

type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  readonly hostKeys?: readonly KeyType[];
  /** More lines for sshd_config; they stand in the place of ours. */
  readonly config?: readonly string[];
  /** Set in every session, over what the login gives. `HOME` is a directory of its own already. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives the home directory a disk of its own of this size. It is seen in sessions only. */
  readonly homeBytes?: number;
}

export interface TestSshd {
  /** Of the proxy in front; `directPort` is sshd's own. */
  readonly port: number;
  readonly directPort: number;
  readonly proxy: CuttableProxy;
  readonly user: string;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** The home directory that sessions see. */
  readonly home: string;
  readonly dir: string;
  /** Public host keys, as lines of `type base64`. */
  readonly hostKeys: readonly string[];
  /** What it says about a login that it refuses. */
  readonly log: () => string;
  target(changes?: Partial<SshTarget>): SshTarget;
  /** Drops all connections. */
  cut(): void;
  /** Ends the listening sshd, as an upgrade of it does: sessions live on, new connections are refused until `start`. */
  halt(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stock OpenSSH sshd on loopback for the user who runs the tests, root or not. */
export async function startTestSshd({
  hostKeys: keyTypes = ['ed25519'],
  config = [],
  env = {},
  homeBytes,
}: SshdOptions = {}): Promise<TestSshd> {
  const dir = mkdtempSync(join(tmpdir(), 'hopscotch-sshd-'));
  const home = join(dir, 'home');
  mkdirSync(home, { mode: 0o700 });
  const keyPath = newKey(join(dir, 'client'), 'ed25519');
  const hostKeyPaths = keyTypes.map((type) => newKey(join(dir, `host_${type}`), type));
  const hostKeys = hostKeyPaths.map(publicKey);
  writeFileSync(join(dir, 'authorized_keys'), `${publicKey(keyPath)}\n`, { mode: 0o600 });
  const directPort = await freePort();
  const proxy = await cuttableProxy(directPort);
  const knownHostsPath = join(dir, 'known_hosts');
  const known = hostKeys.map((key) => `[127.0.0.1]:${proxy.port} ${key}\n`);
  writeFileSync(knownHostsPath, known.join(''));
  const configPath = join(dir, 'sshd_config');
  const set = { HOME: home, ...env };
  writeFileSync(configPath, configText({ dir, directPort, hostKeyPaths, set, config }));
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });

  const disk = homeBytes === undefined ? [] : withDisk(home, homeBytes);
  const server = serverAt({ dir, port: directPort, configPath, disk });
  await server.start();
  const { username: user } = userInfo();
  return {
    port: proxy.port,
    directPort,
    proxy,
    user,
    keyPath,
    knownHostsPath,
    home,
    dir,
    hostKeys,
    log: () => readFileSync(join(dir, 'sshd.log'), 'utf8'),
    target: (changes = {}) => ({
      host: 'cmp01',
      address: '127.0.0.1',
      port: proxy.port,
      user,
      key: keyPath,
      knownHosts: knownHostsPath,
      ...changes,
    }),
    cut: () => proxy.cut(),
    ...server,
    restart: async () => {
      await server.halt();
      await server.start();
    },
    stop: async () => {
      await proxy.stop();
      await server.halt();
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

interface Configured {
  readonly dir: string;
  readonly directPort: number;
  readonly hostKeyPaths: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  /** Lines that stand in the place of ours. */
  readonly config: readonly string[];
}

function configText({ dir, directPort, hostKeyPaths, set, config }: Configured): string {
  const environment = Object.entries(set).map(([name, value]) => `"${name}=${value}"`);
  const given = new Set(config.map((line) => line.split(' ')[0]));
  const ours = [
    `Port ${directPort}`,
    'ListenAddress 127.0.0.1',
    ...hostKeyPaths.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'MaxStartups 100',
    `SetEnv ${environment.join(' ')}`,
  ];
  // Of some options sshd takes the first line, of others the last.
  const lines = [...ours.filter((line) => !given.has(line.split(' ')[0])), ...config];
  return `${lines.join('\n')}\n`;
}

interface Served {
  readonly dir: string;
  readonly port: number;
  readonly configPath: string;
  /** The words in front of the server's that give the home directory a disk of its own. */
  readonly disk: readonly string[];
}

function serverAt({ dir, port, configPath, disk }: Served): Pick<TestSshd, 'start' | 'halt'> {
  let sshd: ChildProcess | undefined;
  return {
    start: async () => {
      const log = join(dir, 'sshd.log');
      const [program, ...words] = [...disk, sshdPath(), '-D', '-E', log, '-f', configPath];
      sshd = spawn(program, words, { stdio: 'ignore' });
      await listening(port, sshd, log);
    },
    halt: async () => {
      const ended = sshd;
      sshd = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      const exit = once(ended, 'exit');
      ended.kill('SIGTERM');
      await exit;
    },
  };
}

/** Makes a key pair without a passphrase and returns the private half's path. */
export function newKey(path: string, type: KeyType): string {
  // A short one is made in a tenth of the time, and is as good for a test.
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', '', '-f', path]);
  chmodSync(path, 0o600);
  return path;
}

/** `type base64`, without the comment. */
export function publicKey(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
}

/** The words before a program's that give a directory a disk of its own, which the program alone sees. */
export const withDisk = (path: string, bytes: number): string[] =>
  `bwrap --die-with-parent --dev-bind / / --size ${bytes} --tmpfs`.split(' ').concat(path, '--');

function sshdPath(): string {
  const found = ['/usr/sbin/sshd', '/usr/bin/sshd', '/sbin/sshd'].find(existsSync);
  if (found === undefined) throw new Error('no sshd here: apt-get install openssh-server');
  return found;
}

async function listening(port: number, sshd: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (sshd.exitCode !== null) break;
    const probe = connect(port, '127.0.0.1').on('error', () => undefined);
    const answered = await Promise.race([
      once(probe, 'data').then(
        () => true,
        () => false,
      ),
      once(probe, 'close').then(
        () => false,
        () => false,
      ),
    ]);
    probe.destroy();
    if (answered) return;
    await sleep(20);
  }
  throw new Error(`sshd does not answer: ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
}
