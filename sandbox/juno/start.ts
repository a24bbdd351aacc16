import { join } from 'node:path';
import { startHosts, type PretendHosts } from '../hosts/hosts.ts';
import { buildJunoArchive } from './archive.ts';
import { basePackages } from './base-packages.ts';
import { writeJunoCloud } from './cloud.ts';
import { junoFailures, type JunoFailure } from './failures.ts';
import { junoHosts } from './lab-hosts.ts';
import { openstackPackages } from './openstack-packages.ts';
import { junoReleases } from './releases.ts';
import { takeJunoSnapshot, type JunoSnapshot } from './snapshot.ts';

export interface JunoLab {
  readonly hosts: PretendHosts;
  readonly cloudName: 'juno-lab';
  /** Writes the cloud file and the configuration for Kilo and Liberty into `dir`, which then serves as CLOUDS_DIR. */
  readonly writeCloud: (dir: string) => Promise<void>;
  /** Rows of the answer, columns between tabs, as root of the database server. */
  readonly sql: (query: string) => Promise<readonly string[]>;
  /** Everything that Roll back must put back. */
  readonly snapshot: () => Promise<JunoSnapshot>;
  /** Switches one failure of the story on. */
  readonly fail: (what: JunoFailure) => Promise<void>;
  /** Takes its cause away, where that can be taken away from outside. */
  readonly mend: (what: JunoFailure) => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly dir: string;
  readonly failures?: readonly JunoFailure[];
}

/** Starts a small Juno cloud: real apt, MariaDB, HAProxy and memcached, and stand-ins for the programs of OpenStack. */
export async function startJuno({ dir, failures: wanted = [] }: Options): Promise<JunoLab> {
  const deprecated = wanted.includes('deprecatedOptions');
  const hosts = await startHosts({
    dir,
    hosts: junoHosts({ deprecated }),
    mirror: (at) =>
      buildJunoArchive(join(at, 'ubuntu'), {
        trusty: basePackages,
        ...Object.fromEntries(
          junoReleases.map((one) => [`trusty-updates/${one}`, openstackPackages(one)]),
        ),
      }),
  });
  const run = async (name: string, script: string, stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await hosts.exec(name, script, stdin);
    if (code !== 0) throw new Error(`${name}: ${script}: exit ${code}: ${stderr}`);
    return stdout;
  };
  const change = async (what: JunoFailure, way: 'on' | 'off') => {
    for (const { host, script } of junoFailures[what][way] ?? []) await run(host, script);
  };
  try {
    for (const what of wanted) await change(what, 'on');
  } catch (error) {
    await hosts.stop();
    throw error;
  }
  return {
    hosts,
    cloudName: 'juno-lab',
    writeCloud: (at) => writeJunoCloud(at, hosts, { deprecated }),
    sql: async (query) => {
      const answer = await run('db1', 'mysql --defaults-file=/etc/mysql/debian.cnf -N -B', query);
      return answer.split('\n').slice(0, -1);
    },
    snapshot: () => takeJunoSnapshot(hosts.hosts, run),
    fail: (what) => change(what, 'on'),
    mend: (what) => change(what, 'off'),
    stop: hosts.stop,
  };
}
