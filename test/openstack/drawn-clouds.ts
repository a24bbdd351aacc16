import fc from 'fast-check';
import { Cloud } from '../../jobs/files/cloud.ts';
import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { type PlannedRunbook, planUpgrade } from '../../openstack/plan/planner.ts';
import { knowledge } from './known.ts';

export interface DrawnCloud {
  readonly cloud: Cloud;
  readonly plan: () => PlannedRunbook;
  /** The same cloud, its services and the hosts of each part written in the opposite order. */
  readonly planReversed: () => PlannedRunbook;
}

/** A path, and whether the hosts reach an archive that carries it. */
const roads = [
  { series: 'caracal', codename: 'noble', target: 'epoxy' },
  { series: 'caracal', codename: 'jammy', target: 'epoxy' },
  { series: 'antelope', codename: 'jammy', target: 'caracal' },
  { series: 'zed', codename: 'jammy', target: 'bobcat' },
  { series: 'zed', codename: 'bookworm', target: 'antelope' },
  { series: 'epoxy', codename: 'bookworm', target: 'epoxy', onto: 'trixie' },
  { series: 'epoxy', codename: 'trixie', target: 'gazpacho' },
  { series: 'zed', codename: 'bookworm', target: 'epoxy', unsupported: '', archive: 'none' },
] as const;

type Road = (typeof roads)[number] & {
  readonly onto?: string;
  readonly unsupported?: string;
  readonly archive?: 'none';
};

const shape = fc.record({
  road: fc.constantFrom<Road>(...roads),
  controls: fc.integer({ min: 1, max: 4 }),
  networks: fc.integer({ min: 0, max: 2 }),
  computes: fc.integer({ min: 0, max: 7 }),
  zones: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 3 }),
  /** The last control host also runs instances. */
  isMixed: fc.boolean(),
  /** glance is on a host of its own. */
  isApart: fc.boolean(),
  hasBalancer: fc.boolean(),
  hasOpenrc: fc.boolean(),
  services: fc.subarray(['glance', 'placement', 'nova', 'neutron', 'horizon']),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

export const drawnCloud: fc.Arbitrary<DrawnCloud> = shape.map((drawn) => {
  const [cloud, reversed] = [cloudOf(drawn, false), cloudOf(drawn, true)];
  const { target, onto, unsupported } = drawn.road;
  const plan = (one: Cloud) => (): PlannedRunbook =>
    planUpgrade({
      knowledge,
      cloud: one,
      facts: CloudFacts.parse({}),
      target,
      ...(onto !== undefined && { codename: onto }),
      ...(unsupported !== undefined && { unsupported }),
    });
  return { cloud, plan: plan(cloud), planReversed: plan(reversed) };
});

const named = (stem: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${stem}${index + 1}`);

function cloudOf({ road, ...drawn }: Shape, isReversed: boolean): Cloud {
  const controls = named('ctl', drawn.controls);
  const networks = named('net', drawn.networks);
  const computes = named('cmp', drawn.computes);
  const apart = drawn.isApart ? ['img1'] : [];
  const hosts = ['lb1', 'db1', ...controls, ...apart, ...networks, ...computes];
  const running = [...(drawn.isMixed ? controls.slice(-1) : []), ...computes];
  const listed = (some: readonly string[]): string[] =>
    isReversed ? some.toReversed() : [...some];
  const part = (name: string, on: readonly string[]) =>
    on.length === 0 ? {} : { [name]: listed(on) };
  const parts: Record<string, object> = {
    keystone: { api: listed(controls) },
    glance: { api: listed(drawn.isApart ? apart : controls) },
    placement: { api: listed(controls) },
    nova: { control: listed(controls), ...part('compute', running) },
    neutron: {
      server: listed(controls),
      ...part('l2', [...networks, ...running]),
      ...part('network', networks),
    },
    horizon: { web: listed(controls) },
  };
  const services = ['keystone', ...drawn.services];
  return Cloud.parse({
    name: 'drawn',
    environment: 'verification',
    series: road.series,
    channel: 'C012ABCDEF',
    ssh: { user: 'ops', key: '~/.ssh/key', knownHosts: 'known_hosts', become: true },
    hosts: Object.fromEntries(
      hosts.map((host, index) => [
        host,
        {
          address: `192.0.2.${index + 1}`,
          roles: [],
          ...(host.startsWith('cmp') && { zone: `az${(index % drawn.zones) + 1}` }),
        },
      ]),
    ),
    access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
    services: {
      ...aroundServices({ road, ...drawn }, controls[0]),
      openstack: Object.fromEntries(listed(services).map((name) => [name, { parts: parts[name] }])),
    },
  });
}

/** What stands around the services of OpenStack. */
const aroundServices = ({ road, ...drawn }: Shape, openrcHost: string | undefined) => ({
  packages: {
    codename: road.codename,
    mirror: { uri: 'http://mirror.example.org/distribution', pockets: ['', '-updates'] },
    ...(road.archive !== undefined && { archive: road.archive }),
  },
  database: { on: 'db1', defaultsFile: '/root/.my.cnf', backups: '/var/backups/hopscotch' },
  ...(drawn.hasBalancer && {
    loadBalancer: {
      on: 'lb1',
      socket: '/run/haproxy/admin.sock',
      backends: [
        { name: 'keystone_public', service: 'keystone' },
        { name: 'keystone_admin', service: 'keystone', keep: 'services log in there' },
        ...drawn.services.map((service) => ({ name: service, service })),
      ],
    },
  }),
  ...(drawn.hasOpenrc && { openrc: { on: openrcHost, file: '/root/openrc' } }),
  computes: { batch: drawn.batch },
});
