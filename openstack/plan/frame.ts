import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import { type PlanContext, type StepDraft, hostsOfPart, movedHosts } from './context.ts';
import { movesWholeHosts } from '../path/distribution-path.ts';
import { closeArchives, newBasePaths } from '../deployment/packages/archive.ts';
import { checkSteps } from './checks.ts';
import { movingService, repositoryStep } from './hop.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';

/** Before the first hop: nobody gets in, and packages start nothing by themselves. */
export function openingSteps(context: PlanContext): StepDraft[] {
  return [...balancerSteps(context, 'drain'), ...(isToday(context) ? [] : [holdStep(context)])];
}

/** After the last hop: the rollback is closed, and what the opening did is taken back, last first. */
export function closingSteps(context: PlanContext): StepDraft[] {
  if (isToday(context))
    return [
      ...balancerSteps(context, 'ready').toReversed(),
      ...loginSteps(context),
      ...leaveSteps(context),
    ];
  return [
    ...soleRepositoryStep(context),
    ...cronSteps(context),
    releaseStep(context),
    ...balancerSteps(context, 'ready').toReversed(),
  ];
}

const isToday = ({ hops, knowledge }: PlanContext): boolean =>
  hops[0] !== undefined && movesWholeHosts(hops[0].from, knowledge);

/** Looks in as a user does, now that the balancer lets users in. */
function loginSteps(context: PlanContext): StepDraft[] {
  const hop = context.hops.at(-1);
  return hop === undefined
    ? []
    : context.chosen.flatMap((chosen) =>
        checkSteps(context, movingService(context, chosen, hop), { which: 'login' }),
      );
}

/** Hosts stay in their release of the distribution, but for what was upgraded on them. */
function leaveSteps(context: PlanContext): StepDraft[] {
  const hop = context.hops.at(-1);
  if (hop === undefined) return [];
  const on = movedHosts(context);
  return [
    ...closeArchives(context, hop),
    ...newBasePaths(context, hop).map((path): StepDraft => ({
      id: `${hop.to}-leave-${path.split('/').at(-1) ?? ''}`,
      title: `Remove apt repository ${path.split('/').at(-1) ?? ''}: the host stays at ${hop.codenames?.from ?? ''}`,
      kind: 'file',
      purpose: 'switch-repository',
      on,
      params: { path, absent: true },
    })),
  ];
}

function balancerSteps(context: PlanContext, state: 'drain' | 'ready'): StepDraft[] {
  const { loadBalancer } = context.services;
  if (loadBalancer === undefined) return [];
  const on = hostsOnCloud(context.cloud, loadBalancer.on);
  const moved = new Set(context.chosen.map(({ known }) => known.name));
  return loadBalancer.backends
    .filter(({ service, keep }) => moved.has(service) && keep === undefined)
    .map(({ name, service }) => ({
      id: `${state === 'drain' ? 'drain' : 'enable'}-${name}`,
      title: `${state === 'drain' ? 'Drain' : 'Enable'} HAProxy backend ${name}${name.includes(service) ? '' : ` (${service})`}`,
      kind: 'loadbalancer',
      purpose: state === 'drain' ? 'drain' : 'enable',
      service,
      on,
      params: {
        socket: loadBalancer.socket,
        backend: name,
        state,
        ...(state === 'drain' && { sessions: { waitSeconds: loadBalancer.waitSeconds } }),
      },
    }));
}

function soleRepositoryStep(context: PlanContext): StepDraft[] {
  const hop = context.hops.at(-1);
  if (hop === undefined) return [];
  const step = repositoryStep(context, hop);
  return [{ ...step, id: `${step.id}-alone` }];
}

const POLICY = '/usr/sbin/policy-rc.d';

function holdStep(context: PlanContext): StepDraft {
  const on = movedHosts(context);
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

function releaseStep(context: PlanContext): StepDraft {
  const on = movedHosts(context);
  return {
    id: 'release-services',
    title: 'Allow service starts again',
    kind: 'file',
    purpose: 'allow-starts',
    on,
    params: { path: POLICY, absent: true },
  };
}

function cronSteps(context: PlanContext): StepDraft[] {
  const { tokens, tokenFlush } = context.services;
  const keystone = context.chosen.find(({ known }) => known.name === 'keystone');
  if (tokens !== 'sql' || tokenFlush === undefined || keystone === undefined) return [];
  const on = hostsOfPart(context, keystone, keystone.known.main);
  const target = releaseNameTitle(context.hops.at(-1)?.to ?? 'juno');
  return [
    {
      id: 'cron-token-flush',
      title: `Put the token flush back into cron: ${target} keeps tokens in SQL`,
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
