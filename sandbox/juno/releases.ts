export type JunoRelease = 'juno' | 'kilo' | 'liberty';

export const junoReleases: readonly JunoRelease[] = ['juno', 'kilo', 'liberty'];

/**
 * Newest upstream version of each source in each release, with Ubuntu's epoch: from Liberty on every service counts for
 * itself (NeCTAR-RC/nova@origin/debian/{2015.1,liberty}:debian/changelog).
 */
const upstream: Readonly<Record<string, Readonly<Record<JunoRelease, string>>>> = {
  keystone: { juno: '1:2014.2.4', kilo: '1:2015.1.4', liberty: '2:8.1.2' },
  glance: { juno: '1:2014.2.4', kilo: '1:2015.1.4', liberty: '2:11.0.2' },
  nova: { juno: '1:2014.2.4', kilo: '1:2015.1.4', liberty: '2:12.0.6' },
  neutron: { juno: '1:2014.2.4', kilo: '1:2015.1.4', liberty: '2:7.2.0' },
  horizon: { juno: '1:2014.2.4', kilo: '1:2015.1.4', liberty: '2:8.0.2' },
  'python-keystoneclient': { juno: '1:0.10.1', kilo: '1:1.2.0', liberty: '1:1.7.2' },
  'python-glanceclient': { juno: '1:0.14.0', kilo: '1:0.15.0', liberty: '1:1.1.0' },
  'python-novaclient': { juno: '1:2.19.0', kilo: '1:2.22.0', liberty: '2:2.30.1' },
  'python-neutronclient': { juno: '1:2.3.8', kilo: '1:2.3.11', liberty: '1:3.1.0' },
  'python-openstackclient': { juno: '0.4.1', kilo: '1.0.3', liberty: '1.7.2' },
  'python-oslo.config': { juno: '1:1.4.0', kilo: '1:1.9.3', liberty: '1:2.4.0' },
};

export const junoVersion = (source: string, one: JunoRelease): string =>
  `${upstream[source]?.[one]}-0ubuntu1~cloud0`;

/** nova's first Kilo release, whose migrate_flavor_data is broken; the archive holds it beside the newest. */
export const firstKilo = '1:2015.1.0-0ubuntu1~cloud0';

export type OpenStackService = 'keystone' | 'glance' | 'nova' | 'neutron';
