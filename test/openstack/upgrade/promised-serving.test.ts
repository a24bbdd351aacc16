import { describe, expect, it } from '@jest/globals';
import { composePlan } from '../../../jobs/run/compose.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { promisedServing } from '../../../openstack/upgrade/promised-serving.ts';
import { largeCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const cloud = largeCloud('yoga', 'jammy');
const runbook = planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target: 'zed' });
const plan = composePlan(cloud, runbook, 'x');

describe('what an approval says of what users feel, as data', () => {
  it('names each API that goes down by the steps that end it and bring it back', () => {
    const promised = promisedServing(plan, { knowledge, cloud });

    const id = (number: number) => plan.steps[number - 1]?.id;
    expect(promised?.services).toContain('nova');
    expect(promised?.outages).toContainEqual({ service: 'nova', from: id(63), to: id(69) });
    expect(promised?.instances).toBe(false);
  });

  it('has every API down with the one that knows all tokens, so that a hold never waits for its own end', () => {
    const outages = promisedServing(plan, { knowledge, cloud })?.outages ?? [];

    const keystone = outages.find(({ service }) => service === 'keystone');
    for (const service of ['glance', 'placement', 'nova', 'neutron', 'horizon'])
      expect(outages).toContainEqual({ ...keystone, service });
  });

  it('is nothing where the file does not say what runs where', () => {
    const { services: _services, ...bare } = cloud;

    expect(promisedServing(plan, { knowledge, cloud: bare })).toBeUndefined();
  });
});
