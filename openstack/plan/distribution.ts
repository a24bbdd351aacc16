import { agentTurns } from './agents.ts';
import { hostBackSteps, hostOutSteps } from '../deployment/packages/balancer.ts';
import { computeTurns, computeDrainSteps } from './computes.ts';
import type { PlanContext, StepDraft } from './context.ts';
import { unnamedSteps } from './unnamed.ts';
import { wholeHopOf } from './hop-state.ts';
import type { WholeHop } from './hop-state.ts';
import { serviceRowSteps, smokeSteps, staleSteps } from '../deployment/packages/checks.ts';
import { forecastSteps } from '../deployment/packages/forecast.ts';
import { preparedSteps, startOn } from './turns.ts';
import { heldByOvn, sortedByTier } from './tiers.ts';
import { ruleSteps, type RuleSlot } from './rules.ts';
import { restartSteps } from '../deployment/packages/whole-host.ts';
import { stopSteps, unitsOf, unitsOn } from '../deployment/packages/units.ts';
import type { Hop } from '../path/path.ts';

/**
 * The distribution's own upgrade, with the same OpenStack before and after: no schema changes, and releases of it do not
 * mix, so hosts take their turns while their neighbours serve. Control hosts one at a time, then agents, then computes by
 * zone.
 */
export function distributionHop(context: PlanContext, hop: Hop): StepDraft[] {
  const whole = wholeHopOf(context, hop);
  const { all, tiers } = whole;
  const control = [...tiers.first, ...tiers.control];
  // What a release wants of the others does not concern a hop that stays at its release; OVN's version moves all the same.
  const ovn = (slot: RuleSlot) =>
    all
      .filter(({ known }) => known.name === 'ovn')
      .flatMap((moving) => ruleSteps(context, hop, moving, slot));
  return [
    ...forecastSteps(context, hop, all),
    ...serviceRowSteps(context, all),
    ...smokeSteps(context, hop, { what: 'smoke test before the upgrade' }),
    ...ovn('beforeStop'),
    ...unnamedSteps(context, hop, 'before'),
    ...aloneFirst(
      control,
      control.flatMap((host) => [
        ...computeDrainSteps(whole, [host], 'drained'),
        ...hostOutSteps(context, hop, host),
        ...turn(whole, [host]),
        ...hostBackSteps(context, hop, host),
        ...computeDrainSteps(whole, [host], 'enabled'),
      ]),
    ),
    ...(control.length === 0 || heldByOvn(context, all, { ...tiers, first: control }).length > 0
      ? []
      : smokeSteps(context, hop, { what: 'smoke test with the new control hosts' })),
    ...agentTurns(whole, (host) => turn(whole, [host])),
    ...computeTurns(whole, (hosts) => turn(whole, hosts)),
    ...ovn('afterServices'),
    ...unnamedSteps(context, hop, 'after'),
    ...staleSteps(context, hop, all),
    ...smokeSteps(context, hop, { what: 'smoke test after the upgrade' }),
  ];
}

function turn(whole: WholeHop, on: readonly string[]): StepDraft[] {
  const { context, all } = whole;
  return [
    ...stopSteps(context, all, sortedByTier(unitsOn(unitsOf(context, all, 'before'), on))),
    ...preparedSteps(whole, on),
    ...restartSteps(whole.hop, on),
    ...startOn(whole, on),
  ];
}

/** With no neighbour to serve, the APIs are down while the only control host has its turn. */
function aloneFirst(
  control: readonly string[],
  [first, ...rest]: readonly StepDraft[],
): StepDraft[] {
  if (first === undefined) return [];
  if (control.length > 1) return [first, ...rest];
  const note = 'The outage begins here: the APIs are down until the only control host is back.';
  return [{ ...first, approval: true, notes: [note] }, ...rest];
}
