import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { comparablePlan, planDifferences } from '../../../jobs/reading/compare.ts';
import { readSteps } from '../../../jobs/reading/steps.ts';
import { historyOddities, newSourceOddities, planOddities } from '../../../jobs/reading/unusual.ts';
import { composePlan } from '../../../jobs/run/compose.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { largeCloud, smallCloud } from '../../openstack/clouds-today.ts';
import { drawnCloud } from '../../openstack/drawn-clouds.ts';
import { knowledge } from '../../openstack/known.ts';
import { mutated, mutations } from '../../support/runs/mutations.ts';

const planOn = (cloud: Cloud): Plan => {
  const runbook = planUpgrade({
    knowledge,
    cloud,
    facts: CloudFacts.parse({}),
    target: 'antelope',
  });
  return composePlan(cloud, runbook, 'openstack:antelope');
};
const cloud = largeCloud('yoga', 'jammy');
const plan = planOn(cloud);
const lab = planOn(largeCloud('yoga', 'jammy', 6));

/** The number of the first step from `from` on that is of this kind. */
const stepOfKind = (kind: string, from: number): number =>
  plan.steps.findIndex((step, index) => index >= from && step.kind === kind) + 1;
const archive = stepOfKind('repository', 20);
const packages = stepOfKind('package', 20);

const [ofPlan, ofLab] = [comparablePlan(plan), comparablePlan(lab)];
const allOf = (now: Plan, then: Plan) => [
  ...planDifferences(comparablePlan(now), comparablePlan(then), 'rehearsal'),
  ...planDifferences(comparablePlan(now), comparablePlan(then), 'approval'),
];

describe('an unchanged plan', () => {
  it('has nothing unusual beside itself, its rehearsal on fewer hosts, or earlier runs of it', () => {
    expect(allOf(plan, plan)).toEqual([]);
    expect(planDifferences(comparablePlan(plan), comparablePlan(lab), 'rehearsal')).toEqual([]);
    expect(
      historyOddities(comparablePlan(plan), [comparablePlan(lab), comparablePlan(plan)]),
    ).toEqual([]);
    expect(newSourceOddities(readSteps(plan), readSteps(lab))).toEqual([]);
    expect(planOddities(readSteps(plan), cloud)).toEqual([]);
  });

  it('has nothing unusual on any cloud', () => {
    fc.assert(
      fc.property(drawnCloud, ({ cloud: drawn, plan: planned }) => {
        const one = composePlan(drawn, planned(), 'openstack:x');
        expect(allOf(one, one)).toEqual([]);
        expect(planOddities(readSteps(one), drawn).filter(({ code }) => code !== 'oneWay')).toEqual(
          [],
        );
      }),
      { numRuns: 12 },
    );
  });
});

describe('a plan that somebody changed', () => {
  it.each(mutations.map(({ name }) => [name]))('shows %s', (name) => {
    const mutation = mutations.find((one) => one.name === name);
    if (mutation === undefined) throw new Error(name);
    fc.assert(
      fc.property(fc.nat({ max: plan.steps.length - 1 }), (index) => {
        const changed = mutated(plan, mutation, index);
        if (changed === undefined) throw new Error(`${name} fits no step`);
        const now = comparablePlan(changed);
        expect(planDifferences(now, ofLab, 'rehearsal')).not.toEqual([]);
        expect(planDifferences(now, ofPlan, 'approval')).not.toEqual([]);
      }),
      { numRuns: 2 },
    );
  });

  it('says what changed, from what to what, with its steps', () => {
    const found = (name: string, index: number) => {
      const mutation = mutations.find((one) => one.name === name);
      const changed = mutation && mutated(plan, mutation, index);
      return changed && planDifferences(comparablePlan(changed), comparablePlan(lab), 'rehearsal');
    };

    expect(found('another archive', 20)).toEqual([
      {
        code: 'changed',
        steps: [archive],
        says: 'switch apt to jammy-updates/zed',
        setting: 'uri',
        was: 'http://ubuntu-cloud.archive.canonical.com/ubuntu',
        is: 'http://evil.example/ubuntu',
        than: 'rehearsal',
      },
    ]);
    expect(found('one more file', 8)).toEqual([
      { code: 'added', steps: [10], says: 'write /etc/cron.d/x', than: 'rehearsal' },
    ]);
    expect(found('no smoke test', 60)).toEqual([
      { code: 'missing', says: 'smoke test', than: 'rehearsal' },
    ]);
  });

  it('shows steps that changed places', () => {
    const at = packages - 2;
    const [first, second, ...rest] = plan.steps.slice(at);
    if (first === undefined || second === undefined) throw new Error('the plan is short');
    const swapped = { ...plan, steps: [...plan.steps.slice(0, at), second, first, ...rest] };

    expect(
      planDifferences(comparablePlan(swapped), comparablePlan(plan), 'approval'),
    ).toMatchObject([{ code: 'moved', steps: [at + 1], says: 'upgrade every package' }]);
  });

  it('shows a file with another content where that is the cloud of the approval, not of a rehearsal', () => {
    const file = (content: string): Plan => {
      const mutation = mutations.find((one) => one.name === 'one more file');
      const made = mutation && mutated(plan, mutation, 0);
      if (made === undefined) throw new Error('it fits no step');
      const steps = made.steps.map((step) =>
        step.kind === 'file' ? { ...step, params: { path: '/etc/cron.d/x', content } } : step,
      );
      return { ...made, steps };
    };
    const [a, b] = [comparablePlan(file('a\n')), comparablePlan(file('b\n'))];

    expect(planDifferences(a, b, 'rehearsal')).toEqual([]);
    expect(planDifferences(a, b, 'approval')).toEqual([
      { code: 'content', steps: [2], path: '/etc/cron.d/x', than: 'approval' },
    ]);
  });
});

describe('what a plan shows by itself', () => {
  const without = (host: string): Plan => ({
    ...plan,
    steps: plan.steps
      .filter(
        ({ hosts, params }) => hosts.join() !== host && (params as { host?: string }).host !== host,
      )
      .map((step) => ({ ...step, hosts: step.hosts.filter((one) => one !== host) })),
  });

  it('names a compute that was left out', () => {
    expect(planOddities(readSteps(without('cmp17')), cloud)).toEqual([
      {
        code: 'skipped',
        hosts: ['cmp17'],
        role: 'compute',
        says: expect.arrayContaining(['upgrade every package', 'stop nova-compute']),
      },
    ]);
  });

  it('names an archive that one step alone takes packages from', () => {
    const mutation = mutations.find(({ name }) => name === 'another archive');
    const changed = mutation && mutated(plan, mutation, 20);

    expect(planOddities(readSteps(changed ?? plan), cloud)).toEqual([
      {
        code: 'source',
        name: 'http://evil.example/ubuntu jammy-updates/zed main',
        steps: [archive],
      },
    ]);
  });

  it('names steps without a rollback', () => {
    const mutation = mutations.find(({ name }) => name === 'a purge');
    const changed = mutation && mutated(plan, mutation, 20);

    expect(planOddities(readSteps(changed ?? plan), cloud)).toEqual([
      { code: 'oneWay', steps: [packages] },
    ]);
  });

  it('names what a kind of step never did here before', () => {
    const mutation = mutations.find(({ name }) => name === 'new configuration files');
    const changed = mutation && mutated(plan, mutation, 20);

    expect(historyOddities(comparablePlan(changed ?? plan), [comparablePlan(plan)])).toEqual([
      {
        code: 'changed',
        steps: [packages],
        says: 'package',
        setting: 'conffiles',
        was: 'keep',
        is: 'new',
        than: 'history',
      },
    ]);
  });

  it('has no hosts to miss on a cloud with few of a role', () => {
    const few = smallCloud('yoga', 'bullseye');
    expect(planOddities(readSteps(plan), few)).toEqual([]);
  });
});
