import type { KnownCloud } from '../../../../bot/views/reading/plan-summary.ts';
import type { Cloud } from '../../../../jobs/files/cloud.ts';
import { composePlan } from '../../../../jobs/run/compose.ts';
import type { Plan } from '../../../../jobs/run/plan.ts';
import { CloudFacts } from '../../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../../openstack/plan/planner.ts';
import { largeCloud } from '../../../openstack/clouds-today.ts';
import { junoCloud, planJuno } from '../../../openstack/juno-cloud.ts';
import { knowledge } from '../../../openstack/known.ts';

export interface MeasuredPlan {
  readonly name: string;
  readonly plan: Plan;
  readonly known: KnownCloud;
}

export function upgradeOf(cloud: Cloud, target: string): Plan {
  const runbook = planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target });
  return composePlan(cloud, runbook, `openstack:${target}`);
}

/** The plans that people could not read. */
export function measuredPlans(): readonly MeasuredPlan[] {
  const [yoga, caracal] = [largeCloud('yoga', 'jammy'), largeCloud('caracal', 'jammy')];
  return [
    {
      name: 'Juno to Kilo',
      plan: composePlan(junoCloud, planJuno({ target: 'kilo' }), 'openstack:kilo'),
      known: { cloud: junoCloud, knowledge },
    },
    {
      name: 'Juno to Liberty',
      plan: composePlan(junoCloud, planJuno(), 'openstack:liberty'),
      known: { cloud: junoCloud, knowledge },
    },
    {
      name: 'Yoga to 2023.1, 40 computes',
      plan: upgradeOf(yoga, 'antelope'),
      known: { cloud: yoga, knowledge },
    },
    {
      name: '2024.1 to 2026.1, 40 computes',
      plan: upgradeOf(caracal, 'gazpacho'),
      known: { cloud: caracal, knowledge },
    },
  ];
}
