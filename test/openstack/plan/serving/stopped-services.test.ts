import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawnCloud } from '../../drawn-clouds.ts';
import { planWarm } from '../../warm-cloud.ts';
import { readDrawnPlan } from '../read-plan.ts';

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
                  steps
                    .findLast(
                      (step) =>
                        step.at < at &&
                        step.hosts.includes(host) &&
                        [...step.stops, step.starts].includes(unit),
                    )
                    ?.stops.includes(unit) === true,
              )
              .map(({ host, unit }) => `${unit}@${host}`);
            expect(((params['down'] ?? []) as string[]).toSorted()).toEqual(stopped.toSorted());
          }
      }),
      { numRuns: 20 },
    );
  });

  it('names what waits for its turn on the second control host while the first is tried', () => {
    const looks = planWarm().steps.filter(({ kind }) => kind === 'service-rows');

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
