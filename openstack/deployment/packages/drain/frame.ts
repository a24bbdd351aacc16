import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';
import type { HopFrame, PlannedHop } from '../../deployment.ts';
import { answerSteps } from '../answers.ts';
import { closeArchives, newBasePaths } from '../archive.ts';

/** People are kept out while single services are upgraded; then somebody looks in as a user does. */
export function packagesFrame(context: PlanContext, { all, hop }: PlannedHop): HopFrame {
  const { before, after } = balancerFrame(context);
  const logins = all.flatMap((service) => answerSteps(context, service, { which: 'login' }));
  return {
    before,
    after: [
      ...after,
      ...[...logins, ...closeArchives(context, hop)].map((step) => ({ ...step, mark: hop.mark })),
      // Hosts stay in their release of the distribution, but for what was upgraded on them.
      ...newBasePaths(context, hop).map((path): StepDraft => ({
        id: `${hop.to}-leave-${path.split('/').at(-1) ?? ''}`,
        title: `Remove apt repository ${path.split('/').at(-1) ?? ''}: the host stays at ${hop.codenames?.from ?? ''}`,
        mark: '',
        kind: 'file',
        purpose: 'switch-repository',
        on: context.moved,
        params: { path, absent: true },
      })),
    ],
  };
}

/** Drains and enables the backends of all services that are upgraded, the last one first. */
export function balancerFrame(context: PlanContext): HopFrame {
  const { loadBalancer } = context.services;
  if (loadBalancer === undefined) return { before: [], after: [] };
  const { on, socket, waitSeconds } = loadBalancer;
  const moved = new Set(context.chosen.map(({ known }) => known.name));
  const backends = loadBalancer.backends.filter(
    ({ service, keep }) => moved.has(service) && keep === undefined,
  );
  const steps = (state: 'drain' | 'ready'): StepDraft[] =>
    backends.map(({ name, service }) => ({
      id: `${state === 'drain' ? 'drain' : 'enable'}-${name}`,
      title: `${state === 'drain' ? 'Drain' : 'Enable'} HAProxy backend ${name}${name.includes(service) ? '' : ` (${service})`}`,
      mark: '',
      kind: 'loadbalancer',
      purpose: state === 'drain' ? 'drain' : 'enable',
      service,
      on,
      params: {
        socket,
        backend: name,
        state,
        ...(state === 'drain' && { sessions: { waitSeconds } }),
      },
    }));
  return { before: steps('drain'), after: steps('ready').toReversed() };
}
