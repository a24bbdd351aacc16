import { describe, expect, it } from '@jest/globals';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { composePlan } from '../../../jobs/run/compose.ts';
import { readSteps } from '../../../jobs/reading/steps.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { planImpact } from '../../../openstack/upgrade/impact.ts';
import { largeCloud } from '../clouds-today.ts';
import * as juno from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import { planWarm, warmCloud } from '../warm-cloud.ts';

const impact = (cloud: Cloud, runbook: Runbook) =>
  planImpact(readSteps(composePlan(cloud, runbook, 'x')), { knowledge, cloud });

const cloud = largeCloud('yoga', 'jammy');
const steps = (...all: object[]): Runbook =>
  Runbook.parse({
    title: 'x',
    steps: all.map((one, index) => ({ id: `s${index}`, title: 'x', ...one })),
  });
const service = (name: string, state: string, on: string) => ({
  kind: 'service',
  on,
  params: { name, state },
});

describe('what users of a cloud feel of a plan', () => {
  it('is APIs that are down from the drain of each until its backend has a server again', () => {
    const { outages, touches, services } = impact(
      cloud,
      planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target: 'zed' }),
    );

    expect(services).toEqual(['keystone', 'glance', 'placement', 'nova', 'neutron', 'horizon']);
    expect(outages).toEqual([
      { service: 'keystone', from: 15, to: 67 },
      { service: 'glance', from: 16, to: 44 },
      { service: 'placement', from: 17, to: 39 },
      { service: 'nova', from: 18, to: 54 },
      { service: 'neutron', from: 19, to: 60 },
      { service: 'horizon', from: 20, to: 68 },
    ]);
    const touched = new Map(touches.map(({ what, hosts }) => [what, hosts]));
    expect(touched.get('routers')).toEqual(['net1', 'net2']);
    expect(touched.get('dhcp')).toEqual(['net1', 'net2']);
    expect(touched.get('liveMigrated')).toHaveLength(40);
    expect(touched.has('coldMigrated')).toBe(false);
  });

  it('is APIs that are down once more while the only host that serves them is restarted', () => {
    const plan = planWarm();
    const boot = plan.steps.findIndex(({ id }) => id === 'hibiscus-reboot') + 1;
    const { outages } = impact(warmCloud, plan);
    const again = outages.filter(({ from }) => from >= boot);

    expect(again.map(({ service: name, from }) => `${name} ${from}`).toSorted()).toEqual(
      ['cinder', 'glance', 'heat', 'neutron', 'nova', 'placement'].map((name) => `${name} ${boot}`),
    );
    expect(again.map(({ to }) => plan.steps[(to ?? 0) - 1]?.title ?? '').toSorted()).toEqual([
      'Hibiscus: start cinder-api',
      'Hibiscus: start heat-api',
      'Hibiscus: start neutron-api',
      'Hibiscus: start nova-api',
      'Hibiscus: start placement-api',
      'Sid: start glance-api',
    ]);
  });

  it('counts a service as back when another unit serves it in the new release', () => {
    const { outages } = impact(juno.junoCloud, juno.planJuno({ target: 'kilo' }));

    expect(outages.every(({ to }) => to !== undefined)).toBe(true);
    expect(outages.map(({ service: name }) => name)).toContain('keystone');
  });

  it('is no outage where hosts take turns', () => {
    const turns = ['ctl1', 'ctl2', 'ctl3'].flatMap((host) => [
      service('nova-api', 'stopped', host),
      service('nova-api', 'started', host),
    ]);

    expect(impact(cloud, steps(...turns))).toMatchObject({
      outages: [],
      touches: [{ what: 'apis', steps: [1, 3, 5], hosts: ['ctl1', 'ctl2', 'ctl3'] }],
    });
  });

  it('is an outage without an end where nothing starts again', () => {
    expect(impact(cloud, steps(service('glance-api', 'stopped', 'control'))).outages).toEqual([
      { service: 'glance', from: 1 },
    ]);
  });

  it('is nothing where steps only look', () => {
    const look = { kind: 'check', on: 'all', params: { tcp: { host: 'localhost', port: 22 } } };

    expect(impact(cloud, steps(look))).toMatchObject({ outages: [], touches: [] });
  });
});
