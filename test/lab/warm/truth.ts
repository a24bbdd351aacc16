import { z } from 'zod';
import type { RealLab } from '../lab.ts';
import {
  dumpedLines,
  failedUnits,
  labPackages,
  labSources,
  openstackClient,
  packageMajors,
  schemaHeads,
} from '../truth.ts';

const controls = ['ctl1', 'ctl2'];
const computes = ['cmp1', 'cmp2', 'cmp3'];
export const warmDatabases = [
  'cinder',
  'glance',
  'heat',
  'keystone',
  'neutron',
  'nova',
  'nova_api',
  'nova_cell0',
  'placement',
];

/** What people call a release of each package, per kind of host. */
const majors = {
  control: {
    'cinder-api': [28, 29],
    'heat-api': [26, 27],
    keystone: [30, 30],
    'neutron-server': [28, 29],
    'nova-api': [33, 34],
    'placement-api': [15, 16],
  },
  image: { 'glance-api': [33, 33] },
  network: { 'neutron-l3-agent': [28, 29], 'neutron-openvswitch-agent': [28, 29] },
  compute: { 'neutron-openvswitch-agent': [28, 29], 'nova-compute': [33, 34] },
} as const;

const hosts: readonly (readonly [string, keyof typeof majors])[] = [
  ...controls.map((host) => [host, 'control'] as const),
  ['img1', 'image'],
  ['net1', 'network'],
  ...computes.map((host) => [host, 'compute'] as const),
];

/** Every host that a hop changes. */
const warmHosts = hosts.map(([host]) => host);

/** `ctl1 nova-api 34` for every package of a service on every host, of the old release or of the new one. */
export const warmMajors = (release: 'old' | 'new'): string[] =>
  hosts.flatMap(([host, kind]) =>
    Object.entries(majors[kind]).map(
      ([name, [old, fresh]]) => `${host} ${name} ${release === 'old' ? old : fresh}`,
    ),
  );

export const foundMajors = async (lab: RealLab): Promise<string[]> => {
  const found = await Promise.all(
    hosts.map(async ([host, kind]) =>
      (await packageMajors(lab, host, Object.keys(majors[kind]))).map((line) => `${host} ${line}`),
    ),
  );
  return found.flat();
};

/** `ctl1 nova-api 2:33.0.2-1` and `ctl1 deb http://repo.lab/debian forky main`, of all hosts that a hop changes. */
export async function packagesAndSources(lab: RealLab): Promise<string[]> {
  const found = await Promise.all(
    warmHosts.map(async (host) => {
      const sources = await labSources(lab, host);
      const lines = sources.split('\n').filter((line) => line !== '');
      return [...(await labPackages(lab, host)), ...lines].map((line) => `${host} ${line}`);
    }),
  );
  return found.flat();
}

/** Rows of all databases at the moment at which a run's card says that it dumps them. */
export function rowsAtDump(lab: RealLab): {
  readonly watch: (card: string) => Promise<void>;
  readonly rows: () => readonly string[];
} {
  let rows: readonly string[] = [];
  return {
    watch: async (card) => {
      if (rows.length === 0 && /back up .* prove it by a restore/.test(card))
        rows = await dumpedLines(lab, warmDatabases);
    },
    rows: () => rows,
  };
}

/** Heads as the projects' tags of 2026.2 have them. */
export const hibiscusHeads = [
  'cinder 9c74c1c6971f',
  'glance 2024_1_contract01',
  'heat 97b2a986f922',
  'keystone 742c857f1dfb c88cdce8f248',
  'neutron 5c85685d616d c7f8d9e0f1a2',
  'nova ab450ba04102',
  'nova_api cdeec0c85668',
  'nova_cell0 ab450ba04102',
  'placement a082b8bb98d0',
];

export const foundHeads = (lab: RealLab): Promise<string[]> => schemaHeads(lab, warmDatabases);

export const warmFailedUnits = (lab: RealLab): Promise<string[]> =>
  failedUnits(lab, ['db1', 'lb1', ...hosts.map(([host]) => host)]);

const Services = z.array(
  z.object({ Binary: z.string(), Host: z.string(), Zone: z.string(), State: z.string() }),
);
const Agents = z.array(z.object({ Binary: z.string(), Host: z.string(), Alive: z.boolean() }));

const listOf = async (lab: RealLab, words: string): Promise<unknown> =>
  JSON.parse(await openstackClient(lab, `${words} -f json`)) as unknown;

/** What OpenStack's own client says of services and agents, each as `nova-compute cmp1 a up`. */
export async function servicesAndAgents(lab: RealLab): Promise<string[]> {
  const nova = Services.parse(await listOf(lab, 'compute service list'));
  const cinder = Services.parse(await listOf(lab, 'volume service list'));
  const agents = Agents.parse(await listOf(lab, 'network agent list'));
  return [
    ...[...nova, ...cinder].map(
      ({ Binary, Host, Zone, State }) => `${Binary} ${Host} ${Zone} ${State}`,
    ),
    ...agents.map(({ Binary, Host, Alive }) => `${Binary} ${Host} ${Alive ? 'up' : 'down'}`),
  ].toSorted();
}

export const healthyServices = [
  ...controls.flatMap((host) => [
    `nova-conductor ${host} internal up`,
    `nova-scheduler ${host} internal up`,
    `cinder-scheduler ${host} nova up`,
    `cinder-volume ${host}@fake nova up`,
  ]),
  'nova-compute cmp1 a up',
  'nova-compute cmp2 a up',
  'nova-compute cmp3 b up',
  ...['net1', ...computes].map((host) => `neutron-openvswitch-agent ${host} up`),
  ...['l3', 'dhcp', 'metadata'].map((kind) => `neutron-${kind}-agent net1 up`),
].toSorted();
