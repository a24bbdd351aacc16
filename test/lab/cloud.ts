import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { pretendPeople, upgradesChannel } from '../../sandbox/slack/people.ts';
import { labRoles, labServices } from '../support/openstack/lab-services.ts';
import { warmRoles, warmServices } from '../support/openstack/warm-services.ts';
import { cloudName, labDir, type RealLab } from './lab.ts';

const Inventory = z.object({
  user: z.string(),
  identity_file: z.string(),
  known_hosts: z.string(),
  hosts: z.record(z.string(), z.object({ ip: z.string(), port: z.int(), zone: z.string() })),
});

const ofZed = { series: 'zed', roles: labRoles, services: labServices };
const ofWarm = { series: 'gazpacho', roles: warmRoles, services: warmServices };
const { series, roles: rolesOf, services } = cloudName === 'warm' ? ofWarm : ofZed;

/** Writes `lab.yaml` as an operator of this cloud would. */
export async function writeLabCloud(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const text = await readFile(join(labDir, 'inventory.yaml'), 'utf8');
  const { user, identity_file, known_hosts, hosts } = Inventory.parse(parse(text));
  const cloud = {
    name: 'lab',
    environment: 'verification',
    series,
    channel: upgradesChannel.id,
    ssh: { user, key: identity_file, knownHosts: known_hosts, become: true },
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, { ip, port, zone }]) => [
        name,
        { address: ip, port, zone, roles: rolesOf[name] ?? [name] },
      ]),
    ),
    access: {
      engineers: [pretendPeople.ann.id],
      approvers: [pretendPeople.ben.id, pretendPeople.chie.id],
      approvals: { oneWay: 2 },
    },
    services,
  };
  await writeFile(join(dir, 'lab.yaml'), stringify(cloud));
}

/** What the operator's guide asks for on the hosts: a login for dumps and schema syncs, in a file of root's own. */
export async function prepareLabHosts(lab: RealLab): Promise<void> {
  const password = 'lab-hopscotch-pw';
  await lab.exec(
    'db1',
    'mariadb',
    '-e',
    `CREATE USER IF NOT EXISTS hopscotch@'%' IDENTIFIED BY '${password}'; GRANT ALL ON *.* TO hopscotch@'%' WITH GRANT OPTION`,
  );
  for (const [host, server] of [
    ['db1', 'localhost'],
    ['ctl1', 'db1'],
    ...(cloudName === 'warm' ? ([['img1', 'db1']] as const) : []),
  ] as const) {
    // The server offers no TLS, and clients of MariaDB 11.4 and later insist on it unless told.
    const content = `[client]\nhost=${server}\nuser=hopscotch\npassword=${password}\nskip-ssl\n`;
    await lab.sh(host, `umask 077; printf '%s' '${content}' > ${services.database.defaultsFile}`);
  }
}
