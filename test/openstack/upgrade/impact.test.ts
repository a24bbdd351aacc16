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
  it('is APIs that are down from the drain of their last server until their backend has one again', () => {
    const { outages, touches, services } = impact(
      cloud,
      planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target: 'zed' }),
    );

    expect(services).toEqual(['keystone', 'glance', 'placement', 'nova', 'neutron', 'horizon']);
    expect(outages).toEqual([
      { service: 'keystone', from: 32, to: 49 },
      { service: 'placement', from: 34, to: 47 },
      { service: 'horizon', from: 35, to: 46 },
      { service: 'glance', from: 52, to: 58 },
      { service: 'nova', from: 63, to: 69 },
    ]);
    const touched = new Map(touches.map(({ what, hosts }) => [what, hosts]));
    expect(touched.get('routers')).toEqual(['net1', 'net2']);
    expect(touched.get('dhcp')).toEqual(['net1', 'net2']);
    expect(touched.get('liveMigrated')).toHaveLength(40);
    expect(touched.has('coldMigrated')).toBe(false);
  });

  it('is no API that hands over to a host of the next release, but for what stops before', () => {
    const plan = planWarm();
    const { outages } = impact(warmCloud, plan);
    const titles = outages.map(({ service: name, from, to = 0 }) => [
      name,
      ...[from, to].map((step) => plan.steps[step - 1]?.title),
    ]);

    expect(titles).toEqual([
      [
        'nova',
        'Hibiscus: tell nova-scheduler, nova-conductor to stop once they have ended what they began',
        'Hibiscus: enable server ctl1 in HAProxy backend nova',
      ],
      [
        'heat',
        'Hibiscus: tell heat-engine to stop once it has ended what it began',
        'Hibiscus: enable server ctl1 in HAProxy backend heat',
      ],
      ['glance', 'Sid: drain HAProxy backend glance', 'Sid: enable HAProxy backend glance'],
    ]);
  });

  it('is the time in which the only host that serves them is restarted', () => {
    const start = service('glance-api', 'started', 'img1');
    const boot = {
      kind: 'manual',
      on: 'img1',
      params: { instructions: 'x', proof: 'x', changes: false, restarts: ['img1'] },
    };

    expect(impact(warmCloud, steps(boot, start)).outages).toEqual([
      { service: 'glance', from: 1, to: 2 },
    ]);
  });

  it('is none while a balancer has another server of it', () => {
    const turn = (state: string, servers?: string[]) => ({
      kind: 'loadbalancer',
      on: 'lb1',
      params: {
        socket: '/run/haproxy/admin.sock',
        backend: 'nova',
        state,
        ...(servers && { servers }),
      },
    });

    expect(
      impact(warmCloud, steps(turn('drain', ['ctl1']), turn('ready', ['ctl1']))).outages,
    ).toEqual([]);
    expect(
      impact(warmCloud, steps(turn('drain', ['ctl1']), turn('drain', ['ctl2']), turn('ready')))
        .outages,
    ).toEqual([{ service: 'nova', from: 2, to: 3 }]);
    expect(impact(warmCloud, steps(turn('drain'), turn('ready', ['ctl2']))).outages).toEqual([
      { service: 'nova', from: 1, to: 2 },
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
