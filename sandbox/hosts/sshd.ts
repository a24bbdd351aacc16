import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { toShell } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';

export interface SandboxSshd {
  readonly keyPath: string;
  /** The public key of the server, as known_hosts holds it after the name. */
  readonly hostKey: string;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly dir: string;
  readonly port: number;
  /** By address: the command line that every session there runs. */
  readonly sessions: Readonly<Record<string, readonly string[]>>;
}

/** Starts OpenSSH's server as the present user; each address of this machine runs its own command. */
export async function startSandboxSshd({ dir, port, sessions }: Options): Promise<SandboxSshd> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const [hostKey, clientKey] = await Promise.all([keyAt(`${dir}/host`), keyAt(`${dir}/client`)]);
  await writeFile(join(dir, 'authorized_keys'), clientKey);
  await writeFile(join(dir, 'sshd_config'), configuration(dir, port, sessions));
  // Root's sshd wants this directory, which the init script makes on a machine that runs one.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const child = spawn(
    'setpriv', // sshd ends with this process, however that ends
    ['--pdeathsig', 'TERM', '/usr/sbin/sshd', '-D', '-e', '-f', join(dir, 'sshd_config')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  child.stderr.on('data', (bytes: Buffer) => {
    if (said.length < 20) said.push(bytes.toString().trim());
  });
  const exited = new Promise<void>((done) => {
    child.once('error', (error) => {
      said.push(error.message);
      done();
    });
    child.once('close', () => done());
  });
  let ended = false;
  void exited.then(() => (ended = true));
  for (const address of Object.keys(sessions)) {
    while (!(await answers(address, port))) {
      if (ended) {
        throw new OperatorError(`starting sshd on ${address}:${port}: ${said.join(' | ')}`, {
          name: 'SshdEnded',
          hint: 'Run `npm run setup`, which installs openssh-server or says how.',
        });
      }
      await sleep(10);
    }
  }
  return {
    keyPath: join(dir, 'client'),
    hostKey,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

async function keyAt(path: string): Promise<string> {
  const words = ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path];
  if (!existsSync(path)) await promisify(execFile)('ssh-keygen', words);
  return readFile(`${path}.pub`, 'utf8');
}

function configuration(dir: string, port: number, sessions: Options['sessions']): string {
  const addresses = Object.keys(sessions);
  return [
    ...addresses.map((address) => `ListenAddress ${address}:${port}`),
    `HostKey "${dir}/host"`,
    `AuthorizedKeysFile "${dir}/authorized_keys"`,
    // The login shell of this machine's user starts each session; its rc files are no part of the pretend hosts.
    `SetEnv "HOME=${dir}"`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 100',
    ...addresses.flatMap((address) => [
      `Match LocalAddress ${address}`,
      `  ForceCommand ${toShell(sessions[address] ?? [])}`,
    ]),
    '',
  ].join('\n');
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
