import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { warmRoles, warmServices } from '../../support/openstack/warm-services.ts';
import { drawnCloud } from '../drawn-clouds.ts';
import { knowledge } from '../known.ts';
import { readDrawnPlan } from './read-plan.ts';

describe('a look at the rows of services', () => {
  it('expects nobody to be up whom the plan has stopped', () => {
    fc.assert(
      fc.property(drawnCloud, (drawn) => {
        for (const { steps, expected } of readDrawnPlan(drawn).legs)
          for (const { at, params } of steps.filter(({ kind }) => kind === 'service-rows')) {
            const stopped = expected
              .filter(({ service }) => service === params['service'])
              .filter(({ unit }) => /-(conductor|scheduler)$/.test(unit))
              .filter(
                ({ host, unit }) =>
                  steps.findLast(
                    (step) =>
                      step.at < at &&
                      step.hosts.includes(host) &&
                      [step.stops, step.starts].includes(unit),
                  )?.stops !== undefined,
              )
              .map(({ host, unit }) => `${unit}@${host}`);
            expect(((params['down'] ?? []) as string[]).toSorted()).toEqual(stopped.toSorted());
          }
      }),
      { numRuns: 20 },
    );
  });

  it('names what waits for its turn on the second control host while the first is tried', () => {
    const plan = planUpgrade({
      knowledge,
      cloud: warmCloud,
      facts: CloudFacts.parse({ ahead: { keystone: 'hibiscus', glance: 'hibiscus' } }),
      target: '2026.2',
    });
    const looks = plan.steps.filter(({ kind }) => kind === 'service-rows');

    expect(looks.map(({ id, params }) => [id, (params as { down?: string[] }).down])).toEqual([
      ['hibiscus-cinder-rows', undefined],
      ['hibiscus-nova-rows', undefined],
      ['hibiscus-neutron-rows', undefined],
      ['hibiscus-cinder-rows-2', ['cinder-volume@ctl2', 'cinder-scheduler@ctl2']],
      ['hibiscus-nova-rows-2', ['nova-conductor@ctl2', 'nova-scheduler@ctl2']],
      ['hibiscus-neutron-rows-2', undefined],
      ['hibiscus-neutron-rows-3', undefined],
      ['hibiscus-cinder-rows-3', undefined],
      ['hibiscus-nova-rows-3', undefined],
      ['hibiscus-neutron-rows-4', undefined],
    ]);
  });
});

const warmCloud = Cloud.parse({
  name: 'lab',
  environment: 'verification',
  series: 'gazpacho',
  channel: 'C012ABCDEF',
  ssh: { user: 'ops', key: '~/.ssh/lab', knownHosts: 'known_hosts', become: true },
  hosts: Object.fromEntries(
    Object.entries(warmRoles).map(([name, roles], index) => [
      name,
      { address: `192.0.2.${10 + index}`, roles },
    ]),
  ),
  access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
  services: warmServices,
});
