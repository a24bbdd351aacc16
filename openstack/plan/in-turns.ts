import type { PlannedHop } from '../deployment/deployment.ts';
import { agentTurns } from './agents.ts';
import { computeTurns } from './computes.ts';
import type { StepDraft } from './context.ts';
import { heldByOvn, sortedByTier, unitsOn } from './tiers.ts';
import { preparedSteps, startOn, type RuleSlot } from './turns.ts';
import { unnamedSteps } from './unnamed.ts';

/**
 * The distribution's own upgrade, with the same OpenStack before and after: no schema changes, and releases of it do not
 * mix, so hosts take their turns while their neighbours serve. Control hosts one at a time, then agents, then computes by
 * zone.
 */
export function byHostInTurns(hop: PlannedHop): StepDraft[] {
  const { context, all, tiers, deployment } = hop;
  const control = [...tiers.first, ...tiers.control];
  // What a release wants of the others does not concern a hop that stays at its release; OVN's version moves all the same.
  const ovn = all.filter(({ known }) => known.name === 'ovn');
  const adaptOvn = (slot: RuleSlot) => deployment.adapt(hop, { slot, of: ovn });
  const isHeld = heldByOvn(all, { ...tiers, first: control }).length > 0;
  const smoke = (title: string) => deployment.check(hop, { what: 'smoke', title });
  return [
    ...deployment.check(hop, { what: 'packages', isPartial: false }),
    ...deployment.check(hop, { what: 'rows' }),
    ...smoke('smoke test before the upgrade'),
    ...adaptOvn('beforeStop'),
    ...unnamedSteps(context, hop.hop, 'before'),
    ...aloneFirst(
      control,
      control.flatMap((host) => [
        ...deployment.drain(hop, { what: 'instances', state: 'drained', on: [host] }),
        ...deployment.drain(hop, { what: 'host', state: 'out', host }),
        ...turn(hop, [host]),
        ...deployment.drain(hop, { what: 'host', state: 'back', host }),
        ...deployment.drain(hop, { what: 'instances', state: 'enabled', on: [host] }),
      ]),
    ),
    ...(control.length === 0 || isHeld ? [] : smoke('smoke test with the new control hosts')),
    ...agentTurns(hop, (host) => turn(hop, [host])),
    ...computeTurns(hop, (hosts) => turn(hop, hosts)),
    ...adaptOvn('afterServices'),
    ...unnamedSteps(context, hop.hop, 'after'),
    ...deployment.check(hop, { what: 'stale', of: 'services' }),
    ...smoke('smoke test after the upgrade'),
  ];
}

function turn(hop: PlannedHop, on: readonly string[]): StepDraft[] {
  const { all, deployment } = hop;
  return [
    ...deployment.stop(hop, sortedByTier(unitsOn(deployment.units(all, 'before'), on))),
    ...preparedSteps(hop, on),
    ...deployment.start(hop, { hosts: on }),
    ...startOn(hop, on),
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
