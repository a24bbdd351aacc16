import type { PlannedHop } from '../../deployment.ts';
import type { ServiceUnit } from '../../intents.ts';
import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';

/** Instances leave a host before its packages, and may come back after. It needs the cloud's `openrc`. */
export function computeDrainSteps(
  { context, all, units: { before } }: PlannedHop,
  hosts: readonly string[],
  state: 'drained' | 'enabled',
): StepDraft[] {
  const { openrc, computes } = context.services;
  const nova = all.find(({ known }) => known.name === 'nova');
  if (openrc === undefined || nova === undefined) return [];
  const { drain: mode, reason, timeout } = computes;
  const units = before.filter(({ tier }) => tier === 'compute');
  return hosts
    .filter((host) => units.some((unit) => unit.hosts.includes(host)))
    .map((host) => {
      const name = nova.here.names[host] ?? host;
      const nowhere = mode === 'skip' ? undefined : aloneInZone(context, units, host);
      return {
        id: `${state === 'drained' ? 'drain' : 'enable'}-${host}`,
        title:
          state === 'drained'
            ? `${drains[mode](name)}${nowhere === undefined ? '' : ` (${nowhere}: some may stay)`}`
            : `enable nova-compute on ${name}`,
        kind: 'compute-drain',
        purpose: state === 'drained' ? 'drain' : 'enable',
        on: openrc.on.slice(0, 1),
        params: {
          host: name,
          openrc: openrc.file,
          ...(state === 'drained'
            ? {
                mode,
                ...(reason !== undefined && { reason }),
                ...(nowhere !== undefined && { nowhere }),
                timeout,
              }
            : { state }),
        },
        service: 'nova',
      };
    });
}

/** Instances that asked for a zone go to no other one, so those of its only compute stay. */
function aloneInZone(
  { zones }: PlanContext,
  units: readonly ServiceUnit[],
  host: string,
): string | undefined {
  const zone = zones[host] ?? '';
  const hasOthers = units.some(({ hosts }) =>
    hosts.some((other) => other !== host && zones[other] === zone),
  );
  return hasOthers ? undefined : `zone ${zone} has no other compute`;
}

const drains = {
  live: (name: string) => `live-migrate instances off ${name}`,
  cold: (name: string) => `stop instances and cold-migrate them off ${name}`,
  skip: (name: string) => `disable nova-compute on ${name}, instances stay`,
} as const;
