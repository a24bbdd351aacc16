import type { KnownCloud } from '../../../../bot/views/reading/plan-summary.ts';
import type { Plan } from '../../../../jobs/run/plan.ts';
import { largeCloud } from '../../../openstack/clouds-today.ts';
import { knowledge } from '../../../openstack/known.ts';
import { mutated, mutations } from '../../../support/runs/mutations.ts';
import { upgradeOf } from './measured-plans.ts';

/** Yoga to 2023.1 on 40 computes, in which somebody changed three things after the rehearsal. */
export function plantedUpgrade(): {
  readonly plan: Plan;
  readonly known: KnownCloud;
  readonly rehearsal: Plan;
} {
  const cloud = largeCloud('yoga', 'jammy');
  const honest = upgradeOf(cloud, 'antelope');
  const planted = ['another archive', 'one more file'].reduce((plan, name, index) => {
    const mutation = mutations.find((one) => one.name === name);
    const changed = mutation && mutated(plan, mutation, 20 + 8 * index);
    if (changed === undefined) throw new Error(`${name} fits no step`);
    return changed;
  }, honest);
  return {
    plan: withoutHost(planted, 'cmp17'),
    known: { cloud, knowledge },
    rehearsal: upgradeOf(largeCloud('yoga', 'jammy', 6), 'antelope'),
  };
}

/** As if nobody had ever planned for a host. */
const withoutHost = (plan: Plan, host: string): Plan => ({
  ...plan,
  steps: plan.steps
    .filter(
      ({ hosts, params }) =>
        hosts.join() !== host && (params as { readonly host?: string }).host !== host,
    )
    .map((step) => ({ ...step, hosts: step.hosts.filter((one) => one !== host) })),
});
