import { openstackPackages } from './openstack-packages.ts';
import { junoReleases, type JunoRelease } from './releases.ts';
import type { JunoLab } from './start.ts';

type Lab = Pick<JunoLab, 'hosts' | 'sql'>;

/** What each database says about its schema, such as `nova 302`; neutron has two heads in Liberty. */
export const schemaLines = ({ sql }: Lab): Promise<readonly string[]> =>
  sql(`SELECT 'keystone', version FROM keystone.migrate_version UNION ALL
    SELECT 'glance', version FROM glance.migrate_version UNION ALL
    SELECT 'nova', version FROM nova.migrate_version UNION ALL
    (SELECT 'neutron', version_num FROM neutron.alembic_version ORDER BY 2)`).then((rows) =>
    rows.map((row) => row.replace('\t', ' ')),
  );

/** How many live instances still have their flavor where Juno kept it (nova@kilo-eol:nova/db/sqlalchemy/api.py). */
export async function unmovedFlavors({ sql }: Lab): Promise<number> {
  const [count] = await sql(
    "SELECT COUNT(*) FROM nova.instance_system_metadata s JOIN nova.instances i ON i.uuid = s.instance_uuid WHERE s.`key` = 'instance_type_id' AND s.deleted <> s.id AND i.deleted <> i.id",
  );
  return Number(count);
}

/** uuid and state of each instance that is not deleted. */
export const instanceLines = ({ sql }: Lab): Promise<readonly string[]> =>
  sql('SELECT uuid, vm_state FROM nova.instances WHERE deleted = 0 ORDER BY uuid');

/** What HAProxy thinks of a backend's server, such as `UP` or `DRAIN`. */
export async function backendState({ hosts }: Lab, backend: string): Promise<string> {
  const { stdout } = await hosts.exec('lb1', 'echo show stat | socat - /run/haproxy/admin.sock');
  const [head = '', ...rows] = stdout.split('\n');
  const column = head.split(',').indexOf('status');
  const row = rows.find((each) => each.startsWith(`${backend},ctl1,`));
  return row?.split(',')[column] ?? 'none';
}

/** The HTTP status of a page, asked for on the control host. */
export async function pageStatus({ hosts }: Lab, url: string): Promise<string> {
  const { stdout } = await hosts.exec(
    'ctl1',
    `curl --silent --output /dev/null --write-out '%{http_code}' '${url}'`,
  );
  return stdout;
}

/** The style sheets that the dashboard's login page names. */
export async function dashboardStyleSheets({ hosts }: Lab): Promise<string[]> {
  const { stdout } = await hosts.exec('ctl1', `curl --silent ${dashboard}/horizon/auth/login/`);
  return [...stdout.matchAll(/href="([^"]*\.css)"/g)].map(([, path]) => `${dashboard}${path}`);
}

const dashboard = 'http://127.0.0.1';

export interface InstalledPackage {
  readonly host: string;
  readonly name: string;
  readonly version: string;
}

/** Every package of OpenStack that is installed on any host. */
export async function installedOpenstack({ hosts }: Lab): Promise<InstalledPackage[]> {
  const names = new Set(junoReleases.flatMap(openstackPackages).map(({ name }) => name));
  const found = await Promise.all(
    hosts.hosts.map(async ({ name: host }) => {
      const { stdout } = await hosts.exec(
        host,
        "dpkg-query --show --showformat '${Package} ${Version} ${db:Status-Status}\\n'",
      );
      return stdout.split('\n').flatMap((line) => {
        const [name = '', version = '', status] = line.split(' ');
        return names.has(name) && status === 'installed' ? [{ host, name, version }] : [];
      });
    }),
  );
  return found.flat();
}

/** Whether a package is the one of this release. */
export const isPackageOf = (one: JunoRelease, { name, version }: InstalledPackage): boolean =>
  openstackPackages(one).some((each) => each.name === name && each.version === version);
