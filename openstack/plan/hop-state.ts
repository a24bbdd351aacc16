import type { PlanContext, MovingService } from './context.ts';
import { movingService } from './hop.ts';
import { sortedByTier, isColdHop, type HostTiers, tierOf, hostTiers } from './tiers.ts';
import { type ServiceUnit, unitsOn, unitsToStop } from '../deployment/packages/units.ts';
import type { Hop } from '../path/path.ts';

/** A hop that moves whole hosts, with all that its steps are made of. */
export interface WholeHop {
  readonly context: PlanContext;
  readonly hop: Hop;
  readonly all: readonly MovingService[];
  readonly tiers: HostTiers;
  /** Computes and agents stop with the control plane. */
  readonly isCold: boolean;
  /** What stops before anything is upgraded. */
  readonly stopped: readonly ServiceUnit[];
}

export function wholeHopOf(context: PlanContext, hop: Hop): WholeHop {
  const all = context.chosen.map((one) => movingService(context, one, hop));
  const tiers = hostTiers(context, all);
  const cold = isColdHop(context, all, hop);
  const units = sortedByTier(unitsToStop(context, all));
  const stopped = units.flatMap((unit) =>
    cold || tierOf(unit.moving, unit.part) === 'control' ? [unit] : unitsOn([unit], tiers.first),
  );
  return { context, hop, all, tiers, isCold: cold, stopped };
}
