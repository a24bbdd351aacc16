import type { PlanContext, PlannedService } from '../../../plan/context.ts';
import { namedForHop, type StepDraft } from '../../../plan/step-drafts.ts';
import type { PlannedHop } from '../../deployment.ts';
import type { Hop } from '../../../path/path.ts';
import { answerSteps } from '../answers.ts';
import { closeArchives, newBasePaths } from '../archive.ts';

/** Looks in as a user does, now that the balancer lets users in. */
export const loginSteps = (context: PlanContext, { all, hop }: PlannedHop): StepDraft[] =>
  namedForHop(
    hop,
    all.flatMap((service: PlannedService) => answerSteps(context, service, { which: 'login' })),
  );

/** Hosts stay in their release of the distribution, but for what was upgraded on them. */
export function leaveSteps(context: PlanContext, hop: Hop): StepDraft[] {
  const on = context.moved;
  return [
    ...namedForHop(hop, closeArchives(context, hop)),
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

/** Drains and enables the backends of all services that are upgraded. */
export function balancerFrame(context: PlanContext, state: 'drain' | 'ready'): StepDraft[] {
  const { loadBalancer } = context.services;
  if (loadBalancer === undefined) return [];
  const on = loadBalancer.on;
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
