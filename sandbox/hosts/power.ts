import { copyHostDisk, putBackHostDisk } from './disks.ts';
import { bootHost, bootScript, layOutHost, type PlacedHost, runInHost } from './host.ts';
import { sweeperOf } from './janitor.ts';
import type { SandboxLan } from './lan.ts';

export interface HostSwitches {
  /** Ends everything on a host as a power cut does, and starts it again with another boot id. */
  readonly reboot: (name: string) => Promise<void>;
  /** Copies the disks of all hosts into a directory. */
  readonly copyDisks: (to: string) => Promise<void>;
  /** Ends everything on all hosts, puts copied disks in the place of theirs, and boots them without their services. */
  readonly putBackDisks: (from: string) => Promise<void>;
}

interface RunningHost {
  readonly host: PlacedHost;
  readonly sweep: () => Promise<void>;
}

interface Powered {
  readonly hosts: readonly PlacedHost[];
  readonly script: string;
  readonly mirror: string;
  readonly lan: SandboxLan;
}

/** Turns hosts on and off, and keeps which of them run. */
export function hostPower({ hosts, script, mirror, lan }: Powered) {
  const running = new Map<string, RunningHost>();
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
  const switches: HostSwitches = {
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
  };
  return {
    find,
    switches,
    /** All of them, so that none is still starting when one that did not start makes all of them stop. */
    startAll: async () => {
      const starts = await Promise.allSettled(hosts.map((host) => start(host)));
      for (const { reason } of starts.filter((one) => one.status === 'rejected')) throw reason;
    },
    sweepAll: () => Promise.all([...running.values()].map(({ sweep }) => sweep())),
  };
}
