import { Cloud } from '../../../jobs/cloud.ts';
import { Facts } from '../../../jobs/openstack/facts.ts';
import { planUpgrade, type UpgradeRequest } from '../../../jobs/openstack/planner.ts';
import type { Runbook } from '../../../jobs/runbook.ts';
import { knowledge } from './known.ts';

/** One control host, one compute, database and balancer apart, on hosts that reach the distribution's mirror only. */
export const lab = Cloud.parse({
  name: 'lab',
  environment: 'verification',
  series: 'zed',
  channel: 'C012ABCDEF',
  ssh: { user: 'ops', key: '~/.ssh/lab', knownHosts: 'known_hosts', become: true },
  hosts: {
    db1: { address: '192.0.2.11', roles: ['database'] },
    ctl1: { address: '192.0.2.12', roles: ['control'] },
    lb1: { address: '192.0.2.13', roles: ['lb'] },
    cmp1: { address: '192.0.2.14', roles: ['compute'] },
  },
  access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
  services: {
    packages: {
      codename: 'bookworm',
      archive: 'none',
      mirror: {
        uri: 'http://repo.lab/debian',
        trusted: true,
        lists: ['/etc/apt/sources.list'],
      },
    },
    database: {
      on: 'database',
      defaultsFile: '/root/.hopscotch.cnf',
      backups: '/var/backups/hopscotch',
    },
    loadBalancer: {
      on: 'lb',
      socket: '/run/haproxy/admin.sock',
      waitSeconds: 60,
      backends: [
        { name: 'keystone_public', service: 'keystone' },
        {
          name: 'keystone_admin',
          service: 'keystone',
          keep: 'services and operators log in there',
        },
        { name: 'glance', service: 'glance' },
        { name: 'nova', service: 'nova' },
        { name: 'placement', service: 'placement' },
        { name: 'neutron', service: 'neutron' },
        { name: 'horizon', service: 'horizon' },
      ],
    },
    memcached: [{ on: 'database' }],
    openrc: { on: 'control', file: '/root/openrc' },
    smoke: { survivors: ['vm1'] },
    openstack: {
      keystone: { parts: { api: 'control' } },
      glance: { parts: { api: 'control' } },
      placement: { parts: { api: 'control' } },
      nova: {
        parts: { control: 'control', compute: 'compute' },
        options: {
          epoxy: ['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf'].map((path) => ({
            part: 'compute',
            path,
            section: 'DEFAULT',
            option: 'compute_driver',
            value: 'fake.FakeDriverWithoutFakeNodes',
            why: "Epoxy's fake driver names its node otherwise",
          })),
        },
      },
      neutron: { parts: { server: 'control' } },
      horizon: { parts: { web: 'control' } },
    },
  },
});

export const labFacts = Facts.parse({
  series: 'zed',
  codename: 'bookworm',
  computeVersion: 64,
  blocked: { 'nova-compute-floor': 1 },
});

const request = { knowledge, cloud: lab, facts: labFacts, target: 'epoxy' };

export const planSupported = (change: Partial<UpgradeRequest> = {}): Runbook =>
  planUpgrade({ ...request, ...change });

export const planLab = (change: Partial<UpgradeRequest> = {}): Runbook =>
  planUpgrade({ ...request, unsupported: '', ...change });
