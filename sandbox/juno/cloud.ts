import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { PretendHosts } from '../hosts/hosts.ts';
import { cloudOfHosts } from '../story/cloud.ts';
import { controlFiles, type JunoConfigOptions } from './configs.ts';

/** Writes `juno-lab.yaml` and the operator's configuration for the two releases to come. */
export async function writeJunoCloud(
  dir: string,
  hosts: PretendHosts,
  options: JunoConfigOptions = {},
): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'juno-lab.yaml'), stringify(junoCloud(hosts)));
  for (const series of ['kilo', 'liberty'] as const) {
    for (const [path, content] of Object.entries(controlFiles(series, options))) {
      const file = join(dir, 'juno-lab', series, 'all', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}

function junoCloud(hosts: PretendHosts) {
  return {
    ...cloudOfHosts('juno-lab', 'juno', hosts),
    services: {
      packages: {
        codename: 'trusty',
        archive: { uri: 'file:/srv/mirror/ubuntu', trusted: true },
      },
      database: {
        on: 'database',
        defaultsFile: '/root/.hopscotch.cnf',
        backups: '/var/backups/hopscotch',
      },
      loadBalancer: {
        on: 'lb',
        socket: '/run/haproxy/admin.sock',
        backends: [
          { name: 'keystone_public', service: 'keystone' },
          {
            name: 'keystone_admin',
            service: 'keystone',
            keep: 'services check tokens through it until keystone itself stops',
          },
          { name: 'glance_api', service: 'glance' },
          { name: 'nova_api', service: 'nova' },
          { name: 'neutron_api', service: 'neutron' },
        ],
      },
      tokens: 'memcache',
      memcached: [{ on: 'control', port: 11211 }],
      openrc: { on: 'control', file: '/root/openrc' },
      configDirectory: 'juno-lab',
      openstack: {
        keystone: { parts: { api: 'control' } },
        glance: { parts: { api: 'control' } },
        nova: { parts: { control: 'control', compute: 'compute' } },
        neutron: { parts: { server: 'control', l2: ['network', 'compute'], network: 'network' } },
        horizon: { parts: { web: 'control' } },
      },
    },
  };
}
