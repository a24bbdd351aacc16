import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { PretendHosts } from '../hosts/hosts.ts';
import { pretendPeople, upgradesChannel } from '../slack/people.ts';

/** Writes the pretend cloud as `sandbox.yaml` into `dir`, which then serves as CLOUDS_DIR. */
export async function writeSandboxCloud(dir: string, hosts: PretendHosts): Promise<void> {
  const cloud = cloudOfHosts('sandbox', '2024.1', hosts);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'sandbox.yaml'), stringify(cloud));
}

/** What a cloud of pretend hosts is to Hopscotch: how to get in, and who may do what. */
export function cloudOfHosts(name: string, series: string, hosts: PretendHosts): Cloud {
  const { ann, ben, chie } = pretendPeople;
  return {
    name,
    environment: 'verification',
    series,
    rehearsalDays: 30,
    channel: upgradesChannel.id,
    ssh: {
      user: hosts.user,
      port: hosts.port,
      key: hosts.keyPath,
      knownHosts: hosts.knownHostsPath,
      become: false, // whoever logs in is root inside
    },
    hosts: Object.fromEntries(
      hosts.hosts.map((host) => [host.name, { address: host.address, roles: [...host.roles] }]),
    ),
    access: {
      engineers: [ann.id],
      approvers: [ben.id, chie.id],
      approvals: { reversible: 1, restorable: 1, oneWay: 2 },
    },
  };
}
