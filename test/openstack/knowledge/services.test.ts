import { describe, expect, it } from '@jest/globals';
import {
  releasesOnDistribution,
  serviceOnDistribution,
} from '../../../openstack/knowledge/on-distribution.ts';
import { releaseNames, type ReleaseName } from '../../../openstack/knowledge/releases.ts';
import { knowledge } from '../known.ts';

const services = Object.entries(knowledge.services);
const isModern = (series: ReleaseName): boolean =>
  releaseNames.indexOf(series) >= releaseNames.indexOf('queens');
/** Where what is known of a service begins, if not with Queens. Until Stein placement is nova's; nobody packaged octavia. */
const begins: Readonly<Record<string, ReleaseName>> = {
  octavia: 'rocky',
  placement: 'stein',
  swift: 'stein',
  ovn: 'ussuri',
};
const everySeries = services.flatMap(([name, service]) =>
  releaseNames.flatMap((series) => {
    const made = service.series[series];
    return made === undefined ? [] : [{ name, service, series, made }];
  }),
);
/** keystone: expand and contract, until Yoga a branch for data too. neutron: expand and contract. */
const branchesOf = (database: string, series: ReleaseName): number =>
  ({ keystone: isBefore(series, 'zed') ? 3 : 2, neutron: 2 })[database] ?? 1;
const isBefore = (one: ReleaseName, other: ReleaseName): boolean =>
  releaseNames.indexOf(one) < releaseNames.indexOf(other);
const releaseOf = (codename: string) => {
  const release = knowledge.distributions.distributions[codename];
  if (release === undefined) throw new Error(`no ${codename}`);
  return release;
};
const serviceOf = (name: string) => {
  const service = knowledge.services[name];
  if (service === undefined) throw new Error(`no ${name}`);
  return service;
};

/** Nothing of them in Hibiscus was to be read yet: neither tags nor packages. */
const unreadInHibiscus = ['aodh', 'ceilometer', 'gnocchi', 'swift'];

/** The last release whose services are known. */
const newestKnown =
  releaseNames.findLast((name) => services.some(([, { series }]) => series[name] !== undefined)) ??
  'juno';

describe('the services in every release', () => {
  it.each(services)(
    '%s has Juno, Kilo and Liberty or none of them, and no gap later',
    (name, { series }) => {
      const known = releaseNames.filter((one) => series[one] !== undefined);
      const old = known.filter((one) => !isModern(one));
      const modern = known.filter(isModern);
      const first = releaseNames.indexOf(modern[0] ?? 'queens');

      expect([[], ['juno', 'kilo', 'liberty']]).toContainEqual(old);
      const last = unreadInHibiscus.includes(name) ? 'gazpacho' : newestKnown;
      expect(modern.at(-1)).toBe(last);
      expect([name, releaseNames[first]]).toEqual([name, begins[name] ?? 'queens']);
      expect(modern).toEqual(releaseNames.slice(first, releaseNames.indexOf(last) + 1));
    },
  );

  it.each(everySeries.filter(({ series }) => isModern(series)))(
    '$name in $series leads all its databases to known heads, and says how',
    ({ service, series, made }) => {
      const synced = made.sync.flatMap(({ database, also = [] }) => [database, ...also]);

      // octavia's jobboard came in Ussuri, and its database with it.
      expect(synced.toSorted()).toEqual(
        service.databases
          .filter((database) => knowledge.heads[database]?.heads[series] !== undefined)
          .toSorted(),
      );
      for (const database of synced)
        expect([database, knowledge.heads[database]?.heads[series]?.heads.length]).toEqual([
          database,
          branchesOf(database, series),
        ]);
      expect(made.mixed).toBeDefined();
      expect(Object.values(made.parts).map(({ tier }) => tier)).not.toContain(undefined);
      expect(made.parts[service.main]?.tier).toBe('control');
    },
  );

  it.each(everySeries)(
    '$name in $series has units to stop and start on each distribution',
    ({ service, series }) => {
      for (const distribution of ['ubuntu', 'debian'] as const)
        for (const part of Object.values(
          serviceOnDistribution(service, { distribution }).series[series]?.parts ?? {},
        )) {
          expect(part.packages).not.toEqual([]);
          // Steps of rules restart OVN, which is never stopped.
          expect(part.units.length > 0).toBe(service.name !== 'ovn');
          expect(part).not.toHaveProperty('debian');
        }
    },
  );

  it('syncs the database of the API before the cells, whose places it holds', () => {
    for (const { made, series } of everySeries.filter(
      (one) => one.name === 'nova' && isModern(one.series),
    ))
      expect([series, ...made.sync.map(({ run }) => run.join(' '))]).toEqual([
        series,
        'nova-manage api_db sync',
        'nova-manage db sync',
      ]);
  });

  it('lets computes be two releases behind between SLURP releases alone', () => {
    const behind = everySeries.filter(({ name, series }) => name === 'nova' && isModern(series));

    expect(behind.filter(({ made }) => made.mixed === 'n-2').map(({ series }) => series)).toEqual(
      behind
        .map(({ series }) => series)
        .filter((name) => knowledge.series.find((one) => one.name === name)?.slurp),
    );
  });

  it('has the API in Apache on Ubuntu where a service has no server of its own any more', () => {
    const apache = (['nova', 'neutron', 'heat', 'glance'] as const).map((name) => {
      const { main, series } = serviceOf(name);
      return [
        name,
        ...releaseNames.filter(
          (one) =>
            isBefore('xena', one) &&
            knownHere.has(one) &&
            series[one]?.parts[main]?.units.includes('apache2'),
        ),
      ];
    });

    expect(apache).toEqual([
      ['nova', 'flamingo', 'gazpacho', 'hibiscus'],
      ['neutron', 'flamingo', 'gazpacho', 'hibiscus'],
      ['heat', 'flamingo', 'gazpacho', 'hibiscus'],
      ['glance', 'hibiscus'],
    ]);
  });

  it('upgrades what others need before them', () => {
    const place = (name: string): number => knowledge.order.indexOf(name);

    expect(knowledge.order.toSorted()).toEqual(services.map(([name]) => name).toSorted());
    expect(place('keystone')).toBe(0);
    for (const first of ['placement', 'ironic']) expect(place(first)).toBeLessThan(place('nova'));
    expect(place('glance')).toBeLessThan(place('cinder'));
    expect(place('nova')).toBeLessThan(place('neutron'));
  });

  it('asks no check for JSON that does not give it', () => {
    const asked = everySeries.filter(({ made }) => made.upgradeCheck?.json).map(({ name }) => name);

    expect(asked).toContain('keystone');
    expect(asked).not.toContain('nova');
    expect(asked).not.toContain('placement');
  });
});

describe('the same service on two distributions', () => {
  const partsOf = (name: string, distribution: 'ubuntu' | 'debian') =>
    serviceOnDistribution(serviceOf(name), { distribution }).series.zed?.parts;

  it.each([
    ['keystone', 'api', ['apache2'], ['keystone']],
    ['glance', 'api', ['glance-api'], ['glance-api']],
    ['placement', 'api', ['apache2'], ['placement-api']],
    [
      'nova',
      'control',
      ['nova-conductor', 'nova-scheduler', 'nova-novncproxy', 'nova-api'],
      ['nova-conductor', 'nova-scheduler', 'nova-novncproxy', 'nova-api-metadata', 'nova-api'],
    ],
    ['nova', 'compute', ['nova-compute'], ['nova-compute']],
    ['neutron', 'server', ['neutron-server'], ['neutron-rpc-server', 'neutron-api']],
    ['horizon', 'web', ['apache2'], ['apache2']],
  ])('%s %s is %j on Ubuntu and %j on Debian', (name, part, ubuntu, debian) => {
    expect(partsOf(name, 'ubuntu')?.[part]?.units).toEqual(ubuntu);
    expect(partsOf(name, 'debian')?.[part]?.units).toEqual(debian);
  });

  it('keeps packages from syncing schemas where they ask, and names the log where there is one', () => {
    const [ubuntu, debian] = (['ubuntu', 'debian'] as const).map(
      (distribution) => serviceOnDistribution(serviceOf('nova'), { distribution }).series.epoxy,
    );

    expect(debian?.debconf?.map(({ question, value }) => [question, value])).toEqual([
      ['nova/configure_db', 'false'],
      ['novaapi/configure_db', 'false'],
    ]);
    expect(debian).not.toHaveProperty('log');
    expect(ubuntu).not.toHaveProperty('debconf');
    expect(ubuntu?.log).toBe('/var/log/nova/nova-manage.log');
    expect(
      serviceOnDistribution(serviceOf('keystone'), { distribution: 'debian' }).series.zed?.log,
    ).toBe('/var/log/keystone/keystone.log');
  });
});

const knownHere: ReadonlySet<string> = new Set(
  releaseNames.slice(0, releaseNames.indexOf('hibiscus') + 1),
);

describe('the distributions', () => {
  it.each([
    ['focal', ['ussuri', 'victoria', 'wallaby', 'xena', 'yoga']],
    ['bullseye', ['victoria', 'wallaby', 'xena', 'yoga', 'zed']],
    ['noble', ['caracal', 'dalmatian', 'epoxy', 'flamingo', 'gazpacho']],
    ['bookworm', ['zed', 'antelope', 'bobcat', 'caracal', 'dalmatian', 'epoxy']],
    ['resolute', ['gazpacho', 'hibiscus']],
    ['trixie', ['epoxy', 'flamingo', 'gazpacho', 'hibiscus']],
    ['trusty', ['juno', 'kilo', 'liberty']],
  ])('%s carries %j', (codename, series) => {
    const keystone = releasesOnDistribution(serviceOf('keystone'), releaseOf(codename));

    // An archive that is still made gets further releases, of which this table knows nothing.
    expect(Object.keys(keystone.series).filter((name) => knownHere.has(name))).toEqual(
      series.filter((name) => Object.hasOwn(serviceOf('keystone').series, name)),
    );
    expect([releaseOf(codename).own, ...releaseOf(codename).archive]).toEqual(
      expect.arrayContaining(series),
    );
  });

  it('lead from one release to the next with the same OpenStack on both sides', () => {
    for (const [name, { own, archive, next }] of Object.entries(
      knowledge.distributions.distributions,
    ))
      // Debian's unstable is reached with its OpenStack in one hop.
      if (next !== undefined && next !== 'sid')
        expect([name, [own, ...archive]]).toEqual([
          name,
          expect.arrayContaining([releaseOf(next).own]),
        ]);
  });

  it('say where packages of another release of OpenStack are; where their own are, hosts know', () => {
    const { backports, cloudArchive } = knowledge.distributions;

    expect(backports.suites).toEqual([
      '$codename-$series-backports',
      '$codename-$series-backports-nochange',
    ]);
    expect(cloudArchive.keyPackage).toBe('ubuntu-cloud-keyring');
  });
});
