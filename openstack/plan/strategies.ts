import type { PlannedHop, StrategyName } from '../deployment/deployment.ts';
import { hasNeighbours } from './beside.ts';
import { byHost, byHostTogether } from './by-host.ts';
import { byService } from './by-service.ts';
import { byHostInTurns } from './in-turns.ts';
import type { HopOrder } from './order.ts';
import { tooFarBehind } from './tiers.ts';
import { byHostWhileServing } from './while-serving.ts';

/** Orders what a deployment does on a hop. */
type Strategy = (hop: PlannedHop) => HopOrder[];

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  'by service': byService,
  'by host': (planned) => hostStrategyFor(planned)(planned),
};

function hostStrategyFor(planned: PlannedHop): Strategy {
  if (planned.hop.from === planned.hop.to) return byHostInTurns;
  if (mustNotMix(planned)) return byHostTogether;
  return hasNeighbours(planned) ? byHostWhileServing : byHost;
}

/**
 * Whether nothing of the old release may run beside the new one, so that computes and agents stop with the control plane:
 * on a hop that nobody supports, and where nova's computes may not be as many releases behind as the hop is long.
 */
const mustNotMix = ({ all, hop }: PlannedHop): boolean =>
  hop.rule === 'unsupported' || tooFarBehind(all).some(({ known }) => known.name === 'nova');
