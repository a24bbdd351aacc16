import type { Context, Moving } from './context.ts';
import { movingOf } from './hop.ts';
import { byTiers, isCold, type Tiers, tierOf, tiersOf } from './tiers.ts';
import { type Unit, unitsOn, unitsToStop } from '../deployment/packages/units.ts';
import type { Hop } from '../path/path.ts';

/** A hop that moves whole hosts, with all that its steps are made of. */
export interface WholeHop {
  readonly context: Context;
  readonly hop: Hop;
  readonly all: readonly Moving[];
  readonly tiers: Tiers;
  /** Computes and agents stop with the control plane. */
  readonly isCold: boolean;
  /** What stops before anything is upgraded. */
  readonly stopped: readonly Unit[];
}

export function wholeOf(context: Context, hop: Hop): WholeHop {
  const all = context.chosen.map((one) => movingOf(context, one, hop));
  const tiers = tiersOf(context, all);
  const cold = isCold(context, all, hop);
  const units = byTiers(unitsToStop(context, all));
  const stopped = units.flatMap((unit) =>
    cold || tierOf(unit.moving, unit.part) === 'control' ? [unit] : unitsOn([unit], tiers.first),
  );
  return { context, hop, all, tiers, isCold: cold, stopped };
}
