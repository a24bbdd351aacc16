import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../jobs/redis/free-port.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { copyHostDisk, putBackHostDisk } from './disks.ts';
import { forwardConnections, listenAt, type Forwarder } from './forward.ts';
import {
  bootHost,
  runInHost,
  enterScript,
  bootScript,
  layOutHost,
  type PlacedHost,
  type HostSpec,
  type ScriptResult,
} from './host.ts';
import { sweeperOf } from './janitor.ts';
import { startSandboxLan } from './lan.ts';
import { buildMirror } from './mirror.ts';
import { archivePockets } from './packages.ts';
import { startSandboxSshd } from './sshd.ts';

export interface PretendHosts {
  /** Of SSH, the same at every host. */
  readonly port: number;
  readonly hosts: readonly PlacedHost[];
  readonly user: string;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** Runs a shell script inside a host, without SSH. */
  readonly exec: (name: string, script: string, stdin?: string) => Promise<ScriptResult>;
  /** Ends everything on a host as a power cut does, and starts it again with another boot id. */
  readonly reboot: (name: string) => Promise<void>;
  /** Copies the disks of all hosts into a directory. */
  readonly copyDisks: (to: string) => Promise<void>;
  /** Ends everything on all hosts, puts copied disks in the place of theirs, and boots them without their services. */
  readonly putBackDisks: (from: string) => Promise<void>;
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
    const running = new Map<string, RunningHost>();
    undo.push(() => Promise.all([...running.values()].map(({ sweep }) => sweep())));
    const start = async (host: PlacedHost, first = bootScript(host)) => {
      await layOutHost(host, hosts);
      const sweep = sweeperOf(await bootHost(host, mirror, lan));
      running.set(host.name, { host, sweep });
      const { code, stderr } = await runInHost(script, host.dir, first);
      if (code !== 0) throw new Error(`starting the pretend host ${host.name}: ${stderr}`);
    };
    const find = (name: string): RunningHost => {
      const found = running.get(name);
      if (found === undefined) throw new Error(`no pretend host is called ${name}`);
      return found;
    };
    // All of them, so that none is still starting when one that did not start makes all of them stop.
    const starts = await Promise.allSettled(hosts.map((host) => start(host)));
    for (const { reason } of starts.filter((one) => one.status === 'rejected')) throw reason;

    const innerPort = await freePort(`${network}.11`);
    const sessions = hosts.map((host) => [host.address, [script, host.dir]] as const);
    const sshd = await startSandboxSshd({
      dir: join(dir, 'ssh'),
      port: innerPort,
      sessions: Object.fromEntries(sessions),
    });
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
      exec: (name, command, stdin) => runInHost(script, find(name).host.dir, command, stdin),
      reboot: async (name) => {
        const { host, sweep } = find(name);
        await sweep();
        await start(host);
      },
      copyDisks: async (at) => {
        await Promise.all(hosts.map((host) => copyHostDisk(host, { inside: lan.inside, at })));
      },
      putBackDisks: async (at) => {
        const put = async ({ host, sweep }: RunningHost) => {
          await sweep();
          await putBackHostDisk(host, { inside: lan.inside, at });
          await start(host, ':');
        };
        await Promise.all([...running.values()].map(put));
      },
      link: (name) => links.get(find(name).host.name)!,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface RunningHost {
  readonly host: PlacedHost;
  readonly sweep: () => Promise<void>;
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
