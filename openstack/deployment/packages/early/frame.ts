import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';
import type { Hop } from '../../../path/path.ts';

const POLICY = '/usr/sbin/policy-rc.d';

/** Packages start nothing by themselves. */
export function holdStep(context: PlanContext): StepDraft {
  const on = context.moved;
  return {
    id: 'hold-services',
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

export function releaseStep(context: PlanContext): StepDraft {
  const on = context.moved;
  return {
    id: 'release-services',
    title: 'Allow service starts again',
    kind: 'file',
    purpose: 'allow-starts',
    on,
    params: { path: POLICY, absent: true },
  };
}

export function cronSteps(context: PlanContext, { titles }: Hop): StepDraft[] {
  const { tokens, tokenFlush } = context.services;
  const keystone = context.chosen.find(({ known }) => known.name === 'keystone');
  if (tokens !== 'sql' || tokenFlush === undefined || keystone === undefined) return [];
  const on = keystone.mainHosts;
  return [
    {
      id: 'cron-token-flush',
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
