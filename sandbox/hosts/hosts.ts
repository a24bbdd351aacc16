import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../jobs/redis/free-port.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { forwardConnections, listenAt, type Forwarder } from './forward.ts';
import {
  runInHost,
  enterScript,
  type PlacedHost,
  type HostSpec,
  type ScriptResult,
} from './host.ts';
import { startSandboxLan } from './lan.ts';
import { buildMirror } from './mirror.ts';
import { archivePockets } from './packages.ts';
import { type HostSwitches, hostPower } from './power.ts';
import { startSandboxSshd } from './sshd.ts';

export interface PretendHosts extends HostSwitches {
  /** Of SSH, the same at every host. */
  readonly port: number;
  readonly hosts: readonly PlacedHost[];
  readonly user: string;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** Runs a shell script inside a host, without SSH. */
  readonly exec: (name: string, script: string, stdin?: string) => Promise<ScriptResult>;
  /** The cable to a host. */
  readonly link: (name: string) => Omit<Forwarder, 'port' | 'close'>;
  /** Stops the hosts and whatever steps left running on them. Their disks stay in `dir`. */
  readonly stop: () => Promise<void>;
}

interface Options {
  /** Holds the disks of the hosts; deleting it resets them. */
  readonly dir: string;
  readonly hosts?: readonly HostSpec[];
  /** Fills a directory with the archives that the hosts see as /srv/mirror. */
  readonly mirror?: (dir: string) => Promise<void>;
}

export const sixHostSpecs: readonly HostSpec[] = [
  { name: 'lb1', roles: ['lb'] },
  { name: 'db1', roles: ['db'] },
  { name: 'ctl1', roles: ['control'] },
  { name: 'ctl2', roles: ['control'] },
  { name: 'cmp1', roles: ['compute'] },
  { name: 'cmp2', roles: ['compute'] },
];

/** Starts pretend hosts, each with files, packages and services of its own, behind one real sshd. Needs no root. */
export async function startHosts({
  dir,
  hosts: specs = sixHostSpecs,
  mirror: build = (at) => buildMirror(at, archivePockets),
}: Options): Promise<PretendHosts> {
  const mirror = join(dir, 'mirror');
  const script = join(dir, 'enter');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(script, enterScript, { mode: 0o700 });
  await build(mirror);
  const { network, release } = await claimNetwork();
  const undo: (() => unknown)[] = [release];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const lan = await startSandboxLan();
    undo.push(lan.stop);
    if (!lan.hasUsers && specs.some(({ hasUsers }) => hasUsers)) throw noUsers();
    const hosts = specs.map((spec, i) => ({
      ...spec,
      address: `${network}.${i + 11}`,
      dir: join(dir, spec.name),
    }));
    const power = hostPower({ hosts, script, mirror, lan });
    undo.push(power.sweepAll);
    await power.startAll();

    const innerPort = await freePort(`${network}.11`);
    const sessions = Object.fromEntries(hosts.map((host) => [host.address, [script, host.dir]]));
    const sshd = await startSandboxSshd({ dir: join(dir, 'ssh'), port: innerPort, sessions });
    undo.push(sshd.stop);
    const port = await freePort(`${network}.11`);
    const links = new Map<string, Forwarder>();
    undo.push(() => Promise.all([...links.values()].map((link) => link.close())));
    for (const { name, address: host } of hosts) {
      links.set(name, await forwardConnections({ host, port }, { host, port: innerPort }));
    }
    const knownHostsPath = join(dir, 'known_hosts');
    const known = hosts.map(({ address }) => `[${address}]:${port} ${sshd.hostKey}`);
    await writeFile(knownHostsPath, known.join(''));
    return {
      port,
      hosts,
      user: userInfo().username,
      keyPath: sshd.keyPath,
      knownHostsPath,
      ...power.switches,
      exec: (name, command, stdin) => runInHost(script, power.find(name).host.dir, command, stdin),
      link: (name) => links.get(power.find(name).host.name)!,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Every sandbox on a machine has a network of its own, 127.77.N; a listening socket on its first address is the claim. */
async function claimNetwork() {
  for (let n = 0; ; n += 1) {
    const network = `127.77.${n}`;
    try {
      const claim = await listenAt({ host: `${network}.1`, port: 7722 }, (socket) =>
        socket.destroy(),
      );
      return { network, release: () => claim.close() };
    } catch (error) {
      if (n === 255) throw error;
    }
  }
}

const noUsers = (): OperatorError =>
  new OperatorError('giving the pretend hosts users: this user may not map any ids', {
    name: 'NamespaceRefused',
    hint: `Run once: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${userInfo().username}`,
  });
