import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../jobs/redis/free-port.ts';
import { addressAt } from './addresses.ts';
import { timeOfTree } from './processor-time.ts';

/** Hosts of their own address and home on this machine, all behind one port and one key. */
export interface StandInHosts {
  /** Where their homes are, and the ledger that they write. */
  readonly dir: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** Processor seconds of all sshd and of all that was ever run in them. */
  readonly farSeconds: () => number;
  /** Removes what runs left in the homes. */
  readonly tidy: () => void;
  readonly stop: () => Promise<void>;
}

/** OpenSSH listens on 16 addresses at most. */
const addressesEach = 16;

/** Where every host has a folder of its own, of hosts that do. */
export const ownFolder = (dir: string): string => join(dir, 'own');

interface HostsToStart {
  readonly count: number;
  /** Whether each has a folder of its own under the same path, which takes root and an sshd each. */
  readonly haveFolders?: boolean;
}

export async function startStandInHosts(
  dir: string,
  { count, haveFolders = false }: HostsToStart,
): Promise<StandInHosts> {
  const addresses = Array.from({ length: count }, (_, index) => addressAt(index));
  const port = await freePort();
  const [keyPath, hostKey] = [join(dir, 'client'), join(dir, 'host')];
  for (const path of [keyPath, hostKey]) makeKey(path);
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${keyPath}.pub`), { mode: 0o600 });
  const knownHostsPath = makeKnown(dir, { addresses, port, keyFile: `${hostKey}.pub` });
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  makePackages(dir);
  const each = haveFolders ? 1 : addressesEach;
  const configs: string[] = [];
  for (let from = 0; from < count; from += each) {
    const path = join(dir, `sshd-${from}.conf`);
    writeFileSync(path, configOf(dir, port, addresses.slice(from, from + each)));
    configs.push(path);
  }
  if (haveFolders)
    for (const path of [ownFolder(dir), ...foldersOf(dir, addresses)]) mkdirSync(path);
  const folders = haveFolders ? ['--folder', ownFolder(dir), ...foldersOf(dir, addresses)] : [];
  const keeper = spawn(
    'python3',
    [join(import.meta.dirname, 'keeper.py'), sshdPath(), ...configs, ...folders],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(keeper.stdout, 'data');
  await Promise.all(addresses.map((address) => answering(address, port)));
  return {
    dir,
    addresses,
    port,
    user: userInfo().username,
    keyPath,
    knownHostsPath,
    farSeconds: () => timeOfTree(keeper.pid ?? 0),
    tidy: () => {
      for (const address of addresses)
        rmSync(join(dir, address, '.hopscotch'), { recursive: true, force: true });
    },
    stop: () => ended(keeper),
  };
}

const foldersOf = (dir: string, addresses: readonly string[]): string[] =>
  addresses.map((address) => join(dir, address, 'own'));

/** The programs of a package manager that hosts find first. */
function makePackages(dir: string): void {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(dir, 'offered'), '1\n');
  for (const name of ['dpkg', 'dpkg-query', 'apt-mark', 'apt-cache', 'apt-get'])
    copyFileSync(join(import.meta.dirname, 'programs/packages.sh'), join(bin, name));
}

const makeKey = (path: string): Buffer =>
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);

interface Known {
  readonly addresses: readonly string[];
  readonly port: number;
  /** The public key of all of them. */
  readonly keyFile: string;
}

function makeKnown(dir: string, { addresses, port, keyFile }: Known): string {
  const path = join(dir, 'known_hosts');
  const key = readFileSync(keyFile, 'utf8').trim();
  writeFileSync(path, addresses.map((at) => `[${at}]:${port} ${key}\n`).join(''));
  return path;
}

/** Hosts in one process that only speak as hosts do (`pretend-hosts.ts`). */
export async function startPretendHosts(
  dir: string,
  { count }: HostsToStart,
): Promise<StandInHosts> {
  const addresses = Array.from({ length: count }, (_, index) => addressAt(index));
  const port = await freePort();
  const keyPath = join(dir, 'client');
  makeKey(keyPath);
  const program = join(import.meta.dirname, '../dist/bench/pretend-hosts.js');
  const server = spawn(process.execPath, [program, dir, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(server.stdout, 'data');
  return {
    dir,
    addresses,
    port,
    user: userInfo().username,
    keyPath,
    knownHostsPath: makeKnown(dir, { addresses, port, keyFile: join(dir, 'host.pub') }),
    farSeconds: () => timeOfTree(server.pid ?? 0),
    tidy: () => undefined,
    stop: () => ended(server),
  };
}

function configOf(dir: string, port: number, addresses: readonly string[]): string {
  const common = `Port ${port}
HostKey ${join(dir, 'host')}
AuthorizedKeysFile ${join(dir, 'authorized_keys')}
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 2000
PrintMotd no
KexAlgorithms curve25519-sha256
`;
  const listen = addresses.map((address) => `ListenAddress ${address}\n`);
  const homes = addresses.map((address) => {
    const home = join(dir, address);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return `Match LocalAddress ${address}\n  SetEnv HOME=${home} PATH=${join(dir, 'bin')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n`;
  });
  return [common, ...listen, ...homes].join('');
}

function sshdPath(): string {
  const found = ['/usr/sbin/sshd', '/usr/bin/sshd', '/sbin/sshd'].find(existsSync);
  if (found === undefined) throw new Error('no sshd here: npm run setup');
  return found;
}

async function answering(address: string, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const probe = connect(port, address).on('error', () => undefined);
    const isThere = await Promise.race([
      once(probe, 'data').then(
        () => true,
        () => false,
      ),
      once(probe, 'close').then(() => false),
    ]);
    probe.destroy();
    if (isThere) return;
    await sleep(50);
  }
  throw new Error(`no sshd answers on ${address}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
