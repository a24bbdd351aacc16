import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudServices } from '../../../openstack/cloud/services.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import {
  type PlannedRunbook,
  planUpgrade,
  type UpgradeRequest,
} from '../../../openstack/plan/planner.ts';
import { rehearsalKey } from '../../../openstack/upgrade/rehearsal.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { celledCloud, largeCloud, ovnCloud, smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';
import { planBrief } from './plan-brief.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

const plan = (cloud: Cloud, change: Partial<UpgradeRequest>): PlannedRunbook =>
  planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target: 'epoxy', ...change });

/** Its hosts reach the distribution's own archive alone. */
function withoutArchive(cloud: Cloud): Cloud {
  const services = CloudServices.parse(cloud.services);
  return {
    ...cloud,
    services: { ...services, packages: { ...services.packages, archive: 'none' } },
  };
}

describe('plans of today', () => {
  it.each<[string, Cloud, Partial<UpgradeRequest>]>([
    ['yoga-to-2023.1', largeCloud('yoga', 'jammy'), { target: 'antelope' }],
    ['2024.1-to-2026.1', largeCloud('caracal', 'jammy'), { target: 'gazpacho' }],
    ['yoga-to-zed', smallCloud('yoga', 'bullseye'), { target: 'zed', codename: 'bookworm' }],
    [
      'victoria-to-zed',
      largeCloud('victoria', 'bullseye', 6),
      { target: 'zed', codename: 'bookworm' },
    ],
    ['epoxy-to-gazpacho', withoutArchive(smallCloud('epoxy', 'trixie')), { target: 'gazpacho' }],
    ['cells', celledCloud('caracal', 'noble'), { target: 'epoxy' }],
    ['ovn', ovnCloud('caracal', 'noble'), { target: 'epoxy' }],
    ['ovn-jammy', ovnCloud('yoga', 'focal'), { target: 'yoga', codename: 'jammy' }],
  ])('read as in %s.golden.txt', async (name, cloud, change) => {
    const file = join(import.meta.dirname, `${name}.golden.txt`);
    const text = planBrief(cloud, plan(cloud, change));
    // After a wanted change: GOLDEN=write npm run test:jest -- test/openstack/plan/today
    if (process.env['GOLDEN'] === 'write') await writeFile(file, text);

    expect(text).toBe(await readFile(file, 'utf8'));
  });
});

describe('roads from older releases', () => {
  it.each<[string, string, Partial<UpgradeRequest>, string]>([
    ['ussuri', 'focal', { target: 'yoga' }, 'Ussuri, Victoria, Wallaby, Xena, Yoga'],
    [
      'ussuri',
      'focal',
      { target: 'antelope', codename: 'jammy' },
      'Ussuri on focal, Victoria on focal, Wallaby on focal, Xena on focal, Yoga on focal, Yoga on jammy, Zed on jammy, Antelope on jammy',
    ],
    ['stein', 'bionic', { target: 'ussuri' }, 'Stein, Train, Ussuri'],
  ])('lead from %s on %s through every release to %j', (series, codename, change, road) => {
    const { description } = plan(largeCloud(series, codename, 3), change);

    expect(description).toContain(`Upgrade path: ${road}. Services: `);
  });
});

describe('nova from Train on', () => {
  it('is not planned without a placement of its own, which people take out of Stein', () => {
    const cloud = largeCloud('rocky', 'bionic', 3);
    const services = CloudServices.parse(cloud.services);
    const { placement: _placement, ...openstack } = services.openstack;
    const { loadBalancer: _balancer, ...rest } = services;
    const before = Cloud.parse({ ...cloud, services: { ...rest, openstack } });

    expect(() => plan(before, { target: 'ussuri' })).toThrow(
      expect.objectContaining({
        name: 'ServiceMissing',
        message: expect.stringMatching(/^planning Stein to Train on medium: .* needs placement/),
        hint: expect.stringMatching(/^Upgrade to Stein first, set up placement .*upgrade-to-stein/),
      }),
    );
    expect(plan(before, { target: 'stein' }).description).toContain('Upgrade path: Rocky, Stein.');
  });
});

describe('computes of a zone', () => {
  it('are never all empty at once, as instances that asked for the zone can go nowhere else', () => {
    const cloud = largeCloud('victoria', 'bullseye', 6);
    const zones = Object.entries(cloud.hosts).flatMap(([host, { zone }]) =>
      zone === undefined ? [] : [[host, zone] as const],
    );
    const away = new Set<unknown>();
    const drains = plan(cloud, { target: 'wallaby' }).steps.filter(
      ({ kind }) => kind === 'compute-drain',
    );

    for (const { params } of drains) {
      const { host, state } = params as { host: string; state?: string };
      if (state === 'enabled') away.delete(host);
      else away.add(host);
      const left = new Set(zones.flatMap(([name, zone]) => (away.has(name) ? [] : [zone])));
      expect([...left].toSorted()).toEqual(['az1', 'az2', 'az3']);
    }
    expect(drains).toHaveLength(12);
    expect(away.size).toBe(0);
  });
});

describe('a rehearsal of a plan of today', () => {
  const keyOf = (computes: number, batch: number): string => {
    const cloud = smallCloud('caracal', 'noble');
    const services = CloudServices.parse(cloud.services);
    const hosts = Object.entries(cloud.hosts).filter(([name]) => !name.startsWith('cmp'));
    const more = Array.from({ length: computes }, (_, index) => [
      `cmp${index + 1}`,
      { address: `192.0.2.${index + 50}`, roles: ['compute'], zone: `rack${index % batch}` },
    ]);
    const own = Cloud.parse({
      ...cloud,
      hosts: Object.fromEntries([...hosts, ...more]),
      services: { ...services, computes: { ...services.computes, batch } },
    });
    const { overview: _overview, ...runbook } = plan(own, {});
    return rehearsalKey(composePlan(own, Runbook.parse(runbook), 'openstack:epoxy'));
  };

  it('counts for a cloud with more computes, in other zones and batches', () => {
    expect(keyOf(3, 1)).toBe(keyOf(11, 3));
  });

  it('does not count where there is no second compute to go on to', () => {
    expect(keyOf(1, 1)).not.toBe(keyOf(11, 3));
  });
});
