import { setTimeout as sleep } from 'node:timers/promises';
import type { RealLab } from './lab.ts';

/** What the lab's own hosts say, asked on them without SSH. */
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const databases = ['keystone', 'glance', 'placement', 'nova', 'nova_api', 'nova_cell0', 'neutron'];

export const labSchemas = (lab: RealLab): Promise<string[]> => schemaHeads(lab, databases);

/** `nova 2903cd72dc14` for each database, heads sorted. */
export async function schemaHeads(lab: RealLab, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const heads = await lab.exec(
        'db1',
        'mysql',
        '-Ne',
        `SELECT version_num FROM ${name}.alembic_version ORDER BY 1`,
      );
      return `${name} ${lines(heads).join(' ')}`;
    }),
  );
  return found;
}

/** Heads as /upgrade inspect knows them: reference figures of the two releases. */
export const zedHeads = [
  'keystone 29e87d24a316 e25ffa003242',
  'glance wallaby_contract01',
  'placement 422ece571366',
  'nova ccb0fa1a2252',
  'nova_api b30f573d3377',
  'nova_cell0 ccb0fa1a2252',
  'neutron 5881373af7f5 5c85685d616d',
];
export const epoxyHeads = [
  'keystone 47147121 c88cdce8f248',
  'glance 2024_1_contract01',
  'placement a082b8bb98d0',
  'nova 2903cd72dc14',
  'nova_api cdeec0c85668',
  'nova_cell0 2903cd72dc14',
  'neutron 5c85685d616d ad80a9f07c5c',
];

/** All packages of a host with their versions, sorted. */
export const labPackages = async (lab: RealLab, host: string): Promise<string[]> =>
  lines(await lab.exec(host, 'dpkg-query', '-W', '-f', '${binary:Package} ${Version} ${Status}\\n'))
    .filter((line) => line.endsWith(' installed'))
    .toSorted();

/** What apt's files of a host say, one after the other. */
export const labSources = (lab: RealLab, host: string): Promise<string> =>
  lab.sh(host, 'cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true');

/** `nova-api 34` for each of the packages. */
export async function packageMajors(
  lab: RealLab,
  host: string,
  names: readonly string[],
): Promise<string[]> {
  const found = await lab.exec(
    host,
    'dpkg-query',
    '-W',
    '-f',
    '${Package} ${Version}\\n',
    ...names,
  );
  return lines(found)
    .map((line) => line.replace(/ (?:\d+:)?(\d+).*/, ' $1'))
    .toSorted();
}

/** Upstream major versions of what people call the release. */
export async function labMajors(lab: RealLab): Promise<Record<string, number>> {
  const found = lines(
    await lab.exec(
      'ctl1',
      'dpkg-query',
      '-W',
      '-f',
      '${Package} ${Version}\\n',
      'keystone',
      'glance-api',
      'placement-api',
      'nova-api',
      'neutron-server',
      'openstack-dashboard',
    ),
  );
  const compute = lines(
    await lab.exec('cmp1', 'dpkg-query', '-W', '-f', '${Package} ${Version}\\n', 'nova-compute'),
  );
  return Object.fromEntries(
    [...found, ...compute].map((line) => {
      const [name = '', version = ''] = line.split(' ');
      return [name, Number(/^(?:\d+:)?(\d+)/.exec(version)?.[1])];
    }),
  );
}

export const zedMajors = {
  keystone: 22,
  'glance-api': 25,
  'placement-api': 8,
  'nova-api': 26,
  'neutron-server': 21,
  'openstack-dashboard': 23,
  'nova-compute': 26,
};
export const epoxyMajors = {
  keystone: 27,
  'glance-api': 30,
  'placement-api': 13,
  'nova-api': 31,
  'neutron-server': 26,
  'openstack-dashboard': 25,
  'nova-compute': 31,
};

export const labPageStatus = async (lab: RealLab, url: string): Promise<string> =>
  (await lab.sh('ctl1', `curl -s -m 10 -o /dev/null -w '%{http_code}' '${url}' || true`)).trim();

/** HAProxy needs some seconds to see that a service is back. */
export async function openstackClient(lab: RealLab, words: string): Promise<string> {
  for (let tries = 0; ; tries++)
    try {
      return (await lab.sh('ctl1', `. /root/openrc; openstack ${words}`)).trim();
    } catch (error) {
      if (tries >= 5) throw error;
      await sleep(3000);
    }
}

export const serverStatus = async (lab: RealLab, name: string): Promise<string> =>
  openstackClient(lab, `server show -f value -c status ${name} 2>/dev/null || echo none`);

/** Makes a server as a user would, and waits until it is ACTIVE or ERROR. Answers its last state. */
export async function bootServer(lab: RealLab, name: string): Promise<string> {
  await lab.sh(
    'ctl1',
    `. /root/openrc
     curl -fsS -o /dev/null -X POST http://api.lab:8774/v2.1/servers -H "X-Auth-Token: $(openstack token issue -f value -c id)" \
       -H 'Content-Type: application/json' -H 'X-OpenStack-Nova-API-Version: 2.37' \
       -d "{\\"server\\":{\\"name\\":\\"${name}\\",\\"networks\\":\\"none\\",\\"imageRef\\":\\"$(openstack image show -f value -c id cirros)\\",\\"flavorRef\\":\\"$(openstack flavor show -f value -c id m1.tiny)\\"}}"`,
  );
  for (let tries = 0; tries < 60; tries++) {
    const status = await serverStatus(lab, name);
    if (status === 'ACTIVE' || status === 'ERROR') return status;
    await sleep(2000);
  }
  return serverStatus(lab, name);
}

/** `--wait` of the client fails at the first answer that it does not like, and the server is gone all the same. */
export async function deleteServer(lab: RealLab, name: string): Promise<void> {
  await lab.sh('ctl1', `. /root/openrc; openstack server delete ${name} || true`);
  for (let tries = 0; tries < 30; tries++) {
    if ((await serverStatus(lab, name)) === 'none') return;
    await sleep(2000);
  }
  throw new Error(`server ${name} is still there`);
}

/** The style sheets of the dashboard's login page, each with its HTTP status. */
export async function styleSheets(lab: RealLab): Promise<string[]> {
  const page = await lab.sh(
    'ctl1',
    'curl -sfL -m 60 http://api.lab/horizon/auth/login/ | grep -oE \'href="[^"]*[.]css[^"]*"\' | cut -d\'"\' -f2 || true',
  );
  return Promise.all(
    lines(page).map(async (path) => `${path} ${await labPageStatus(lab, `http://api.lab${path}`)}`),
  );
}

/** Units of systemd that failed, on any host that Hopscotch changes. */
export async function failedUnits(
  lab: RealLab,
  hosts: readonly string[] = ['ctl1', 'cmp1', 'db1', 'lb1'],
): Promise<string[]> {
  const all = await Promise.all(
    hosts.map(async (host) =>
      lines(await lab.exec(host, 'systemctl', '--failed', '--no-legend', '--plain')).map(
        (line) => `${host} ${line.split(' ')[0] ?? ''}`,
      ),
    ),
  );
  // Harmless until the next boot: systemd 257 wants XDG_RUNTIME_DIR of sessions that an older one began.
  return all.flat().filter((line) => !/ user(-runtime-dir)?@\d+\.service$/.test(line));
}

/** Nova's and neutron's services as their APIs see them, `down` only. */
export async function downServices(lab: RealLab): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const list = await openstackClient(
      lab,
      'compute service list -f value -c Binary -c Host -c State',
    );
    const down = lines(list).filter((line) => !line.endsWith(' up'));
    if (down.length === 0 || tries >= 20) return down;
    await sleep(3000);
  }
}

/** Databases' content, `nova INSERT INTO …` for each row, apart from what services write while they only run. */
export async function dumpedLines(
  lab: RealLab,
  names: readonly string[] = databases,
): Promise<string[]> {
  const skipped = [
    'nova.services',
    'nova_cell0.services',
    'nova.compute_nodes',
    'neutron.agents',
    'cinder.services',
    'heat.service',
  ];
  const options = skipped.map((table) => `--ignore-table=${table}`).join(' ');
  const dumps = await Promise.all(
    names.map(async (name) => {
      const dump = await lab.sh(
        'db1',
        `mysqldump --skip-dump-date --skip-comments --skip-extended-insert --order-by-primary ${options} ${name} | sed 's/ AUTO_INCREMENT=[0-9]*//'`,
      );
      return lines(dump).map((line) => `${name} ${line}`);
    }),
  );
  return dumps.flat();
}
