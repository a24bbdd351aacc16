import { describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { servicesOf } from '../../../openstack/cloud/placed.ts';
import { CloudServices } from '../../../openstack/cloud/services.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const [zed, caracal, epoxy] = [
  ['zed', 'Zed'],
  ['caracal', 'Caracal', '2024.1'],
  ['epoxy', 'Epoxy', '2025.1'],
];

const change = {
  part: 'compute',
  path: '/etc/nova/nova.conf',
  section: 'DEFAULT',
  option: 'reserved_host_memory_mb',
  value: '1024',
  why: 'hosts of today',
};

const withOptions = (cloud: Cloud, release: string): Cloud => {
  const services = structuredClone(CloudServices.parse(cloud.services));
  const { nova } = services.openstack;
  return {
    ...cloud,
    services: {
      ...services,
      openstack: {
        ...services.openstack,
        nova: { ...nova, parts: nova?.parts ?? {}, options: { [release]: [change] } },
      },
    },
  };
};

const plan = (series: string, target: string, options = 'epoxy'): string =>
  JSON.stringify(
    planUpgrade({
      knowledge,
      cloud: withOptions(smallCloud(series, 'bookworm'), options),
      facts: CloudFacts.parse({}),
      target,
    }),
  );

describe('a release', () => {
  it('is the same by its name and its number: typed, in series, and as a key of options', () => {
    const wanted = plan('caracal', 'epoxy');
    expect(wanted).toContain('reserved_host_memory_mb');
    for (const series of caracal ?? [])
      for (const target of epoxy ?? []) expect(plan(series, target)).toBe(wanted);
    for (const options of epoxy ?? []) expect(plan('caracal', 'epoxy', options)).toBe(wanted);
    expect(plan(zed?.[1] ?? '', '2023.1')).toBe(plan('zed', 'antelope'));
  });

  it('that there is not is refused, and so is one that two keys name', () => {
    const cloud = smallCloud('caracal', 'bookworm');
    expect(() => servicesOf(withOptions(cloud, '2024.3'))).toThrow('options');
    const twice = withOptions(cloud, 'epoxy');
    const { openstack } = twice.services as { openstack: { nova: { options: object } } };
    Object.assign(openstack.nova.options, { '2025.1': [change] });
    expect(() => servicesOf(twice)).toThrow('2025.1');
  });

  it('names programs that stand by under either of its words', () => {
    const cloud = smallCloud('caracal', 'bookworm');
    const programs = { '2023.2': ['chroot', '/srv/bobcat'] };
    expect(servicesOf({ ...cloud, services: { ...cloud.services, programs } }).programs).toEqual({
      bobcat: ['chroot', '/srv/bobcat'],
    });
  });
});
