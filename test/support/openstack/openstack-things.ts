/** What the APIs of OpenStack say of a thing. */
export type Json = Record<string, unknown>;

export const hostKey = 'OS-EXT-SRV-ATTR:host';
export const taskKey = 'OS-EXT-STS:task_state';

export const compute = (name: string, rest: Json = {}): Json => ({
  id: `service-${name}`,
  binary: 'nova-compute',
  host: name,
  zone: 'nova',
  status: 'enabled',
  state: 'up',
  updated_at: '2026-11-23T04:25:36.000000',
  disabled_reason: null,
  forced_down: false,
  ...rest,
});

export const server = (name: string, rest: Json = {}): Json => ({
  id: `id-of-${name}`,
  name,
  status: 'ACTIVE',
  [hostKey]: 'cmp1',
  [taskKey]: null,
  ...rest,
});

export const network = (name: string, rest: Json = {}): Json => ({
  id: `id-of-${name}`,
  name,
  project_id: 'p1',
  shared: false,
  subnets: ['subnet'],
  'router:external': false,
  ...rest,
});

export const agent = (type: string, name: string, rest: Json = {}): Json => ({
  id: `agent-${name}`,
  agent_type: type,
  binary: `neutron-${type.toLowerCase().replaceAll(' ', '-')}`,
  host: name,
  alive: true,
  admin_state_up: true,
  heartbeat_timestamp: '2026-11-23 04:25:36',
  ...rest,
});

export const image = (name: string, size: number): Json => ({
  id: `id-of-${name}`,
  name,
  size,
  min_disk: 0,
  min_ram: 0,
  status: 'active',
});

export const flavor = (name: string, ram: number, disk: number): Json => ({
  id: `id-of-${name}`,
  name,
  ram,
  disk,
  vcpus: 1,
});
