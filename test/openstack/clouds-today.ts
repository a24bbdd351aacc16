import { Cloud } from '../../jobs/files/cloud.ts';
import { CloudServices } from '../../openstack/cloud/services.ts';

/** `[cmp01, az1], [cmp02, az2] ...`: hosts of three zones, mixed as racks are. */
const computes = Array.from({ length: 40 }, (_, index) => ({
  name: `cmp${String(index + 1).padStart(2, '0')}`,
  zone: `az${(index % 3) + 1}`,
}));

const host = (index: number, roles: readonly string[], zone?: string) => ({
  address: `192.0.2.${index}`,
  roles: [...roles],
  ...(zone !== undefined && { zone }),
});

const access = { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] };
const ssh = { user: 'hopscotch', key: '~/.ssh/key', knownHosts: 'known_hosts', become: true };
const database = {
  on: 'database',
  defaultsFile: '/root/.hopscotch.cnf',
  backups: '/var/backups/hopscotch',
};

/** Where hosts get the next release of their distribution; it is not known of hosts that nobody has asked. */
const packagesOf = (codename: string) => ({
  codename,
  mirror: {
    uri: ['bullseye', 'bookworm', 'trixie', 'forky', 'sid'].includes(codename)
      ? 'http://mirror.example.org/debian'
      : 'http://mirror.example.org/ubuntu',
    pockets: ['', '-updates', '-security'],
  },
});

const backend = (service: string) => ({ name: service, service });

const loadBalancer = {
  on: 'lb',
  socket: '/run/haproxy/admin.sock',
  waitSeconds: 120,
  backends: [
    { name: 'keystone_public', service: 'keystone' },
    { name: 'keystone_internal', service: 'keystone', keep: 'services log in there' },
    ...['glance', 'placement', 'nova', 'neutron', 'horizon'].map(backend),
  ],
};

const openstack = {
  keystone: { parts: { api: 'control' } },
  glance: { parts: { api: 'control' } },
  placement: { parts: { api: 'control' } },
  nova: { parts: { control: 'control', compute: 'compute' } },
  neutron: { parts: { server: 'control', l2: ['network', 'compute'], network: 'network' } },
  horizon: { parts: { web: 'control' } },
};

/** Three control hosts behind two balancers, two network hosts, 40 computes in three zones. */
export const largeCloud = (series: string, codename: string, size = computes.length): Cloud =>
  Cloud.parse({
    name: size === computes.length ? 'large' : 'medium',
    environment: 'production',
    series,
    channel: 'C012ABCDEF',
    ssh,
    hosts: {
      lb1: host(2, ['lb']),
      lb2: host(3, ['lb']),
      db1: host(4, ['database']),
      ctl1: host(11, ['control']),
      ctl2: host(12, ['control']),
      ctl3: host(13, ['control']),
      net1: host(21, ['network']),
      net2: host(22, ['network']),
      ...Object.fromEntries(
        computes
          .slice(0, size)
          .map(({ name, zone }, index) => [name, host(100 + index, ['compute'], zone)]),
      ),
    },
    access,
    services: {
      packages: packagesOf(codename),
      database,
      loadBalancer,
      memcached: [{ on: 'control' }],
      openrc: { on: 'control', file: '/root/openrc' },
      computes: { batch: 5, drain: 'live', timeout: 7200 },
      openstack,
    },
  });

/** One control host, one network host and three computes, on Debian. */
export const smallCloud = (series: string, codename: string): Cloud =>
  Cloud.parse({
    name: 'small',
    environment: 'verification',
    series,
    channel: 'C012ABCDEF',
    ssh,
    hosts: {
      lb1: host(2, ['lb']),
      db1: host(4, ['database']),
      ctl1: host(11, ['control']),
      net1: host(21, ['network']),
      cmp1: host(31, ['compute']),
      cmp2: host(32, ['compute']),
      cmp3: host(33, ['compute']),
    },
    access,
    services: {
      packages: packagesOf(codename),
      database,
      loadBalancer,
      openrc: { on: 'control', file: '/root/openrc' },
      computes: { batch: 2, drain: 'cold' },
      openstack,
    },
  });

/** As `largeCloud`, on Ubuntu, with two cells beyond the first: each has conductors, a database and computes of its own. */
export function celledCloud(series: string, codename: string): Cloud {
  const cloud = largeCloud(series, codename);
  const services = CloudServices.parse(cloud.services);
  const { nova } = services.openstack;
  if (nova === undefined) throw new RangeError('nova is missing');
  const cells = { cell2: 'con2', cell3: 'con3' };
  return Cloud.parse({
    ...cloud,
    name: 'celled',
    hosts: {
      ...cloud.hosts,
      con2a: host(51, ['con2']),
      con2b: host(52, ['con2']),
      con3a: host(53, ['con3']),
    },
    services: {
      ...services,
      openstack: {
        ...services.openstack,
        nova: {
          ...nova,
          parts: { ...nova.parts, cell: Object.values(cells) },
          cells: Object.fromEntries(
            Object.entries(cells).map(([name, on]) => [name, { database: `nova_${name}`, on }]),
          ),
        },
      },
    },
  });
}

/** As `largeCloud`, with OVN: its central part on the control hosts, its controllers on network hosts and computes. */
export function ovnCloud(series: string, codename: string, size = 3): Cloud {
  const cloud = largeCloud(series, codename, size);
  const services = CloudServices.parse(cloud.services);
  const neutron = { parts: { server: 'control', ovn: 'compute' } };
  const ovn = { parts: { central: 'control', host: ['network', 'compute'] } };
  return Cloud.parse({
    ...cloud,
    name: 'ovn',
    services: { ...services, openstack: { ...services.openstack, neutron, ovn } },
  });
}
