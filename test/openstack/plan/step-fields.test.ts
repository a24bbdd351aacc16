import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { purposes } from '../../../jobs/files/purposes.ts';
import type { StepSpec } from '../../../jobs/files/runbook.ts';
import { composePlan } from '../../../jobs/run/compose.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import { planHeal } from '../../../openstack/repair/heal.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { largeCloud } from '../clouds-today.ts';
import { drawnCloud } from '../drawn-clouds.ts';
import { junoCloud, planJuno } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import { planLab } from '../lab-cloud.ts';

/** Services whose steps say so, by purpose. */
const of = (steps: readonly StepSpec[], purpose: keyof typeof purposes): string[] => [
  ...new Set(steps.flatMap((step) => (step.purpose === purpose ? (step.service ?? []) : []))),
];

const ontoNoble = planUpgrade({
  knowledge,
  cloud: largeCloud('caracal', 'jammy'),
  facts: CloudFacts.parse({}),
  target: 'gazpacho',
});

describe('a planned step', () => {
  it('says its hop: releases of OpenStack, or of the distribution where only that moves', () => {
    const hops = (steps: readonly StepSpec[]): string[] => [
      ...new Set(steps.map(({ hop }) => `${hop?.from} ${hop?.to}`)),
    ];

    expect(hops(planJuno().steps)).toEqual(['juno kilo', 'kilo liberty']);
    expect(hops(planLab().steps)).toEqual(['zed epoxy']);
    expect(hops(ontoNoble.steps)).toEqual(['jammy noble', 'caracal epoxy', 'epoxy gazpacho']);
  });

  it('says its service and what it is for', () => {
    const { steps } = planJuno();

    expect(of(steps, 'sync-schema')).toEqual(['keystone', 'glance', 'nova', 'neutron']);
    expect(of(steps, 'migrate-data')).toEqual(['nova']);
    expect(of(steps, 'drain')).toEqual(['keystone', 'glance', 'nova', 'neutron']);
    expect(steps.map(({ purpose }) => purpose)).toEqual(
      expect.arrayContaining(['back-up', 'stop', 'start', 'upgrade-packages', 'check']),
    );
  });

  it('says so on any cloud of today', () => {
    fc.assert(
      fc.property(drawnCloud, ({ plan: drawn }) => {
        const bare = drawn().steps.filter(
          ({ hop, purpose }) => hop?.from === undefined || purpose === undefined,
        );
        expect(bare).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('says so where a schema is led forward', () => {
    const { steps } = planHeal({ knowledge, cloud: junoCloud, service: 'nova', revision: 260 });

    expect(steps.map(({ hop }) => hop)).toEqual(steps.map(() => ({ from: 'juno', to: 'kilo' })));
  });
});

describe('the hash of a plan', () => {
  const composed = composePlan(junoCloud, planJuno(), 'openstack:liberty');

  it('is the same as without what steps are filed under, as older versions had it', () => {
    const older = composed.steps.map(
      ({ hop: _hop, service: _service, purpose: _purpose, ...step }) => step,
    );

    expect(composed.steps[0]).toHaveProperty('purpose');
    expect(planHash({ ...composed, steps: older })).toBe(planHash(composed));
  });

  it.each([
    ['a title', { title: 'Something else' }],
    ['what to know before', { notes: ['It is new.'] }],
    ['what runs', { apply: [{ words: ['true'] }] }],
    ['where', { hosts: ['elsewhere'] }],
    ['how it can be left', { exit: 'oneWay' as const }],
  ])('is another one with another %s', (_what, change) => {
    const [first, ...rest] = composed.steps;

    expect(planHash({ ...composed, steps: [{ ...first!, ...change }, ...rest] })).not.toBe(
      planHash(composed),
    );
  });
});
