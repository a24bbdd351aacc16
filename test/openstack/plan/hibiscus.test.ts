import { describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import type { Knowledge } from '../../../openstack/knowledge/knowledge.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

/** The small cloud with all that 2026.2 has: every service once, on its control host. */
function whole(codename: string): Cloud {
  const cloud = smallCloud('gazpacho', codename);
  const services: object = cloud.services ?? {};
  const openstack = 'openstack' in services ? services.openstack : {};
  const alone = (...parts: readonly string[]) => ({
    parts: Object.fromEntries(parts.map((part) => [part, 'control'])),
  });
  return {
    ...cloud,
    services: {
      ...services,
      openstack: {
        ...(typeof openstack === 'object' && openstack),
        cinder: alone('api', 'volume', 'backup'),
        heat: alone('api'),
        octavia: alone('api'),
        barbican: alone('api'),
        designate: alone('api'),
        manila: alone('api', 'share', 'data'),
        ironic: alone('api', 'conductor'),
        magnum: alone('api'),
      },
    },
  };
}

const said = ({ params }: Runbook['steps'][number], key: string): unknown =>
  new Map<string, unknown>(Object.entries(params ?? {})).get(key);

const planFor = (codename: string, known: Knowledge = knowledge) =>
  planUpgrade({
    knowledge: known,
    cloud: whole(codename),
    facts: CloudFacts.parse({}),
    target: '2026.2',
  });

describe('a plan to 2026.2', () => {
  it.each([
    ['Ubuntu', 'resolute', 'resolute-updates/hibiscus', ['apache2']],
    ['Debian', 'trixie', 'trixie-hibiscus-backports', ['glance-api']],
  ])('comes out for every service on %s', (_name, codename, suite, glance) => {
    const { overview: _overview, ...plan } = planFor(codename);
    const of = (kind: string) => plan.steps.filter((step) => step.kind === kind);
    const units = (state: string) =>
      of('service')
        .filter((step) => said(step, 'state') === state)
        .map((step) => said(step, 'name'));
    const ends = of('schema-sync').map((step) => [said(step, 'database'), said(step, 'to')]);

    expect(() =>
      composePlan(whole(codename), Runbook.parse(plan), 'openstack:2026.2'),
    ).not.toThrow();
    expect(JSON.stringify(of('repository'))).toContain(suite);
    expect(Object.fromEntries(ends)).toEqual({
      barbican: ['8c74e2d7f1ff'],
      cinder: ['9c74c1c6971f'],
      designate: ['f49c4409c8ba'],
      glance: ['2024_1_contract01'],
      heat: ['97b2a986f922'],
      ironic: ['9fb44677ef15'],
      keystone: ['742c857f1dfb', 'c88cdce8f248'],
      magnum: ['b3e1cf4a2d5e'],
      manila: ['afc3b5e1f406'],
      neutron: ['5c85685d616d', 'c7f8d9e0f1a2'],
      nova: ['ab450ba04102'],
      nova_api: ['cdeec0c85668'],
      octavia: ['fabf4983846b'],
      placement: ['a082b8bb98d0'],
    });
    expect(units('stopped')).toContain('glance-api');
    expect(units('started')).toEqual(expect.arrayContaining(glance));
    expect(units('started').includes('glance-api')).toBe(glance.includes('glance-api'));
    expect(plan.description).toContain('Service tokens need the role service');
  });

  it('names the service about which nothing is known there', () => {
    const { magnum } = knowledge.services;
    if (magnum === undefined) throw new RangeError('magnum is missing');
    const { hibiscus: _gone, ...series } = magnum.series;
    const services = { ...knowledge.services, magnum: { ...magnum, series } };

    expect(() => planFor('resolute', { ...knowledge, services })).toThrow(
      expect.objectContaining({
        name: 'NoSteps',
        message: expect.stringContaining('no step would upgrade magnum'),
      }),
    );
  });
});
