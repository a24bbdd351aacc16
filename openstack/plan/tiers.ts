import type { PlanContext, PlannedService } from './context.ts';
import type { HostTiers } from '../deployment/deployment.ts';
import type { ServiceUnit } from '../deployment/intents.ts';
import type { Tier } from '../knowledge/service-schema.ts';

const ranks: Readonly<Record<Tier, number>> = { control: 0, agent: 1, compute: 2 };

/**
 * In the order in which they are started: what serves APIs or uses databases, service by service and its API last; then
 * agents, then computes.
 */
export function sortedByTier(units: readonly ServiceUnit[]): ServiceUnit[] {
  const services = [...new Set(units.map(({ moving }) => moving))];
  const place = ({ moving, part, tier }: ServiceUnit): readonly number[] => {
    return [ranks[tier], services.indexOf(moving), part === moving.known.main ? 1 : 0];
  };
  return units.toSorted((a, b) => {
    const [ours, theirs] = [place(a), place(b)];
    const at = ours.findIndex((one, index) => one !== theirs[index]);
    return at === -1 ? 0 : (ours[at] ?? 0) - (theirs[at] ?? 0);
  });
}

export function hostTiers(context: PlanContext, all: readonly PlannedService[]): HostTiers {
  const first = new Set([
    ...all.flatMap((moving) => moving.mainHosts.slice(0, 1)),
    ...context.cells.map(({ host }) => host),
  ]);
  const tier = (host: string): Tier => {
    const found = all.flatMap((moving) =>
      Object.keys(moving.here.parts)
        .filter((part) => (moving.here.parts[part] ?? []).includes(host))
        .map((part) => moving.tiers[part]),
    );
    return (['control', 'compute'] as const).find((one) => found.includes(one)) ?? 'agent';
  };
  const rest = context.moved.filter((host) => !first.has(host));
  return {
    first: context.moved.filter((host) => first.has(host)),
    control: rest.filter((host) => tier(host) === 'control'),
    agents: rest.filter((host) => tier(host) === 'agent'),
    computes: rest.filter((host) => tier(host) === 'compute'),
  };
}

/** These units on some of their hosts only. */
export const unitsOn = (units: readonly ServiceUnit[], some: readonly string[]): ServiceUnit[] =>
  units
    .map((unit) => ({ ...unit, hosts: unit.hosts.filter((host) => some.includes(host)) }))
    .filter(({ hosts }) => hosts.length > 0);
