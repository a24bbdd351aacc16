import { describe, expect, it } from '@jest/globals';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import type { UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { junoCloud, junoFacts, planJuno, junoWithServices } from '../juno-cloud.ts';

describe('a plan is refused', () => {
  it.each<[string, () => Partial<UpgradeRequest>, object]>([
    [
      'when a hop would leave a service behind',
      () => ({
        cloud: junoWithServices(({ openstack }) => {
          openstack['swift'] = { parts: { proxy: 'control' } };
        }),
      }),
      {
        name: 'NoSteps',
        message: 'planning Juno to Kilo on example-juno: no step would upgrade swift',
      },
    ],
    [
      'when a service has no packages to move',
      () => ({
        cloud: junoWithServices(({ openstack }) => {
          openstack['glance'] = {
            parts: { api: 'control' },
            without: ['glance', 'python-glanceclient'],
          };
        }),
      }),
      { name: 'NoSteps', message: expect.stringContaining('no step would upgrade glance') },
    ],
    [
      'when a service has no host for its main part',
      () => ({
        cloud: junoWithServices(({ openstack }) => {
          openstack['nova'] = { parts: { compute: 'compute' } };
        }),
      }),
      { name: 'NoSteps', message: expect.stringContaining('no step would upgrade nova') },
    ],
    [
      'for a part that the service does not have',
      () => ({
        cloud: junoWithServices(({ openstack }) => {
          openstack['nova'] = { parts: { control: 'control', computes: 'compute' } };
        }),
      }),
      { name: 'UnknownPart', hint: 'Did you mean compute?' },
    ],
    [
      'beyond what is known',
      () => ({ facts: { ...junoFacts, series: 'liberty' as const }, target: 'mitaka' }),
      { name: 'NoSteps', message: expect.stringContaining('Liberty to Mitaka') },
    ],
    [
      'when the distribution has no such packages',
      () => ({ facts: { ...junoFacts, series: 'mitaka' as const }, target: 'newton' }),
      { name: 'NotPackaged', message: 'looking for packages of Newton for trusty: there are none' },
    ],
    [
      'without the files that it needs',
      () => ({ facts: CloudFacts.parse({}) }),
      { name: 'ConfigMissing' },
    ],
    [
      'for a service that is not there',
      () => ({ only: ['novaa'] }),
      { name: 'UnknownService', hint: 'Did you mean nova?' },
    ],
    ['for no service', () => ({ only: [] }), { name: 'UnknownService' }],
    ['for where the cloud is', () => ({ target: 'juno' }), { name: 'NothingToDo' }],
    ['back', () => ({ target: 'icehouse' }), { name: 'NoDowngrade' }],
    ['for a release that is none', () => ({ target: 'librety' }), { name: 'UnknownRelease' }],
    [
      'from a schema between two releases, with the moves there are',
      () => ({
        facts: {
          ...junoFacts,
          series: 'kilo' as const,
          databases: { nova: { revision: '290', rowsBlocking: 4 } },
        },
      }),
      {
        name: 'SchemaElsewhere',
        message: expect.stringContaining(
          'database nova is between Kilo and Liberty: stopped at 290',
        ),
        hint: expect.stringContaining("Run Kilo's migrate_flavor_data until nothing is left"),
      },
    ],
    [
      'from a schema of another release',
      () => ({ facts: { ...junoFacts, databases: { keystone: { revision: '67' } } } }),
      { name: 'SchemaElsewhere', message: expect.stringContaining('database keystone is Kilo') },
    ],
    [
      'without a services section',
      () => {
        const { services: _services, ...bare } = junoCloud;
        return { cloud: bare };
      },
      { name: 'NoServices' },
    ],
    [
      'with a services section that has mistakes',
      () => ({
        cloud: junoWithServices((services) => Object.assign(services, { tokens: 'redis' })),
      }),
      { name: 'BadServices', message: expect.stringContaining('services.tokens') },
    ],
    [
      'where neither packages nor another tool deploy the cloud',
      () => ({
        cloud: junoWithServices((services) => Object.assign(services, { packages: undefined })),
      }),
      { name: 'BadServices', message: expect.stringContaining('services.packages') },
    ],
    [
      'without memcached where tokens belong there',
      () => ({ cloud: junoWithServices((services) => Object.assign(services, { memcached: [] })) }),
      { name: 'NoMemcached' },
    ],
    [
      'for a distribution that is not known',
      () => ({
        cloud: junoWithServices((services) =>
          Object.assign(services, { packages: { codename: 'warty' } }),
        ),
      }),
      { name: 'UnknownDistribution' },
    ],
  ])('%s', (_when, change, error) => {
    expect(() => planJuno(change())).toThrow(expect.objectContaining(error));
  });
});
