import { describe, expect, it } from '@jest/globals';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudServices } from '../../../openstack/cloud/services.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';
import { SchemaSyncParams } from '../../../handlers/databases/schema-sync-params.ts';

const parts = {
  octavia: ['api'],
  designate: ['api'],
  manila: ['api', 'share', 'data'],
  ironic: ['api', 'conductor'],
  magnum: ['api'],
  barbican: ['api'],
  heat: ['api'],
} as const;

/** Where a path leads each schema: `rocky 11ee96se625f3`, with `or` before other ends that may be whole. */
function ends(service: keyof typeof parts, from: readonly [string, string], target: string) {
  const cloud = smallCloud(...from);
  const services = CloudServices.parse(cloud.services);
  const { keystone } = services.openstack;
  const own = { parts: Object.fromEntries(parts[service].map((part) => [part, 'control'])) };
  const { loadBalancer: _none, ...rest } = services;
  const { steps } = planUpgrade({
    knowledge,
    cloud: Cloud.parse({
      ...cloud,
      services: { ...rest, openstack: { keystone, [service]: own } },
    }),
    facts: CloudFacts.parse({}),
    target,
  });
  return steps
    .filter(({ kind }) => kind === 'schema-sync')
    .map(({ params }) => SchemaSyncParams.parse(params))
    .filter(({ database }) => database === service)
    .map(({ series, to, or = [] }) => `${series} ${[to, ...or].map(String).join(' or ')}`);
}

describe('plans of services beside the first ones, before Yoga', () => {
  it.each([
    ['designate', ['rocky 100', 'stein 102', 'train 102', 'ussuri 102']],
    [
      'manila',
      ['rocky 11ee96se625f3', 'stein 6a3fd2984bc31', 'train 805685098bd2', 'ussuri e6d88547b381'],
    ],
    [
      'ironic',
      ['rocky 664f85c2f622', 'stein 1e15e7122cc9', 'train 1e15e7122cc9', 'ussuri b2ad35726bb0'],
    ],
    [
      'magnum',
      [
        'rocky 9a1539f1cd2c',
        'stein 87e62e3c7abc',
        'train c04e925e65c2 or 47380964133d',
        'ussuri 95096e2334ee or c04e925e65c2',
      ],
    ],
    [
      'barbican',
      ['rocky 39cf2e645cba', 'stein 39cf2e645cba', 'train 39cf2e645cba', 'ussuri 0f8c192a061f'],
    ],
    ['heat', ['rocky 86', 'stein 86', 'train 86', 'ussuri 86']],
  ] as const)('lead %s from Queens to Ussuri', (service, wanted) => {
    expect(ends(service, ['queens', 'bionic'], 'ussuri')).toEqual(wanted);
  });

  it('lead octavia from Rocky, the first that is packaged, and not from Queens', () => {
    expect(ends('octavia', ['rocky', 'bionic'], 'ussuri')).toEqual([
      'stein 46d914b2a5e5',
      'train dcf88e59aae4',
      'ussuri fbd705961c3a',
    ]);
    expect(() => ends('octavia', ['queens', 'bionic'], 'ussuri')).toThrow(
      expect.objectContaining({
        name: 'NoSteps',
        message: expect.stringContaining('no step would upgrade octavia'),
      }),
    );
  });

  it.each([
    ['designate', ['victoria 102', 'wallaby 102', 'xena 103', 'yoga 103']],
    [
      'manila',
      ['victoria 5aa813ae673d', 'wallaby fbdfabcba377', 'xena fbdfabcba377', 'yoga a87e0fb17dee'],
    ],
    [
      'ironic',
      ['victoria cf1a80fdb352', 'wallaby c0455649680c', 'xena 9ef41f07cb58', 'yoga 9ef41f07cb58'],
    ],
    [
      'octavia',
      ['victoria 8b47b2546312', 'wallaby b8bd389cbae7', 'xena b8bd389cbae7', 'yoga 6ac558d7fc21'],
    ],
    [
      'magnum',
      ['victoria 95096e2334ee', 'wallaby f1d8b0ab8b8d', 'xena 7da8489d6a68', 'yoga 7da8489d6a68'],
    ],
  ] as const)('lead %s from Ussuri to Yoga', (service, wanted) => {
    expect(ends(service, ['ussuri', 'focal'], 'yoga')).toEqual(wanted);
  });
});
