import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';
import type { Hop } from '../../../path/path.ts';
import type { HopFrame, PlannedHop } from '../../deployment.ts';
import { balancerFrame } from '../drain/frame.ts';
import { repositoryStep } from './repository.ts';

/** From the first hop to the last people are kept out, and packages start nothing by themselves. */
export function earlyFrame(context: PlanContext, { hop }: PlannedHop): HopFrame {
  const [hold, release] = [holdStep(context), releaseStep(context)];
  const cron = cronSteps(context, hop);
  const balancer = balancerFrame(context);
  return {
    before: [...balancer.before, hold],
    after: [
      // No list of another release is left.
      { ...repositoryStep(context, hop), id: 'repository-alone', mark: hop.mark },
      ...cron,
      release,
      ...balancer.after,
    ],
  };
}

const POLICY = '/usr/sbin/policy-rc.d';

function holdStep(context: PlanContext): StepDraft {
  const on = context.moved;
  return {
    id: 'hold-services',
    mark: '',
    title: 'Block service starts during the upgrade (policy-rc.d)',
    kind: 'file',
    purpose: 'block-starts',
    on,
    params: {
      path: POLICY,
      content: '#!/bin/sh\nexit 101\n',
      owner: 'root',
      group: 'root',
      mode: '0755',
    },
  };
}

function releaseStep(context: PlanContext): StepDraft {
  const on = context.moved;
  return {
    id: 'release-services',
    mark: '',
    title: 'Allow service starts again',
    kind: 'file',
    purpose: 'allow-starts',
    on,
    params: { path: POLICY, absent: true },
  };
}

function cronSteps(context: PlanContext, { titles }: Hop): StepDraft[] {
  const { tokens, tokenFlush } = context.services;
  const keystone = context.chosen.find(({ known }) => known.name === 'keystone');
  if (tokens !== 'sql' || tokenFlush === undefined || keystone === undefined) return [];
  const on = keystone.mainHosts;
  return [
    {
      id: 'cron-token-flush',
      mark: '',
      title: `Put the token flush back into cron: ${titles.to} keeps tokens in SQL`,
      kind: 'cron',
      purpose: 'write-configuration',
      service: 'keystone',
      on,
      params: {
        user: tokenFlush.user,
        match: 'keystone-manage token_flush',
        state: 'present',
        line: tokenFlush.line,
      },
    },
  ];
}
