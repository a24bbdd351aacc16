import type { PackageSpec } from './package-files.ts';

const release = (version: string): PackageSpec[] => [
  { name: 'keystone', version, summary: 'pretend identity service', port: 5000 },
  { name: 'horizon', version, summary: 'pretend dashboard', port: 8000 },
  {
    name: 'nova-common',
    version,
    summary: 'pretend files that all of nova shares',
    config: '/etc/nova/nova.conf',
  },
  {
    name: 'nova-compute',
    version,
    summary: 'pretend compute service',
    siblings: ['nova-common'],
    config: '/etc/nova/nova-compute.conf',
    port: 8774,
  },
];

/** What the pretend hosts can install. `proposed` holds a nova-compute that wants a file which nobody has made. */
export const archivePockets: Readonly<Record<string, readonly PackageSpec[]>> = {
  '2024.1': [
    ...release('2024.1-1'),
    { name: 'haproxy', version: '2.6-1', summary: 'pretend load balancer', port: 8080 },
    { name: 'mariadb', version: '10.11-1', summary: 'pretend database', port: 3306 },
  ],
  '2025.1': release('2025.1-1'),
  proposed: release('2025.1-2').map((spec) =>
    spec.name === 'nova-compute' ? { ...spec, needs: '/etc/nova/compute_id' } : spec,
  ),
};

/** What a host has at first, by role; all from the pocket 2024.1. */
export const installedByRole: Readonly<Record<string, readonly string[]>> = {
  lb: ['haproxy'],
  db: ['mariadb'],
  control: ['keystone', 'horizon'],
  compute: ['nova-compute'],
};
