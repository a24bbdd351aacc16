import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readInstalledReleases } from '../../../openstack/inspect/installed-releases.ts';
import { knowledge } from '../known.ts';

const releases = (list: string): string[] =>
  readInstalledReleases(list, knowledge).map(
    ({ project, series = 'unknown' }) => `${project} ${series}`,
  );
const row = (name: string, version: string, source = name): string =>
  `ii \t${name}\t${version}\t${source}\n`;

describe('installed packages of OpenStack', () => {
  it('09-ironic-inspector-is-another-project: is not read as ironic', () => {
    const list = readFileSync('test/cases/09-ironic-inspector-is-another-project.tsv', 'utf8');

    expect(releases(list)).toEqual(['ironic caracal', 'ironic-inspector caracal']);
  });

  it.each([
    ['neutron-tempest-plugin', '2.3.0-1'],
    ['heat-cfntools', '1.4.2-3'],
    ['swift-bench', '1.2.0-6'],
    ['glance-tempest-plugin', '0.5.0-2'],
    ['designate-tlds', '1.0.0-1'],
    ['cinder-backup-swift-tools', '1.0-1'],
    ['nova-lxd', '17.0.0-1'],
    ['keystone-kerberos', '0.2-1'],
  ])('has %s as no part of a service, whatever it begins with', (name, version) => {
    expect(releases(row(name, version))).toEqual([]);
  });

  it.each([
    ['python3-heat-dashboard', '9.0.0-1', 'heat-dashboard'],
    ['neutron-vpnaas-common', '1:21.0.0-1', 'neutron-vpnaas'],
    ['neutron-bgp-dragent', '1:21.0.0-1', 'neutron-dynamic-routing'],
    ['manila-ui', '9.0.0-1', 'manila-ui'],
  ])('has %s of another source as no part of a service', (name, version, source) => {
    expect(releases(row(name, version, source))).toEqual([]);
  });

  it('go by the source, and by the known names of packages that were built by hand', () => {
    expect(
      releases(
        row('anything', '3:29.0.1-0ubuntu1', 'nova') +
          row('nova-api', '3:29.0.1-1') +
          row('openstack-dashboard', '3:24.0.0-1', ''),
      ),
    ).toEqual(['horizon caracal', 'nova caracal']);
  });

  it('are known by name wherever a plan names them', () => {
    // OVN has numbers of its own, so none of its packages tells of a release.
    const foreign = /^(apache2|libapache2-mod-wsgi|python-memcache|python-\w+client|ovn-\w+)$/;
    for (const { name, series } of Object.values(knowledge.services))
      for (const { parts } of Object.values(series))
        for (const { packages, debian } of Object.values(parts))
          for (const one of [...packages, ...(debian?.packages ?? [])])
            if (!foreign.test(one)) expect(knowledge.packages[name]).toContain(one);
  });
});
