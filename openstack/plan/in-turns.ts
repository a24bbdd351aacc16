import type { PlannedHop } from '../deployment/deployment.ts';
import type { RuleSlot } from '../deployment/intents.ts';
import type { HopOrder } from './order.ts';
import { heldByOvn, sortedByTier, unitsOn } from './tiers.ts';
import { agentTurns, computeTurns, preparedHosts, startedHosts } from './turns.ts';
import { unnamedSteps } from './unnamed.ts';

/**
 * The distribution's own upgrade, with the same OpenStack before and after: no schema changes, and releases of it do not
 * mix, so hosts take their turns while their neighbours serve. Control hosts one at a time, then agents, then computes by
 * zone.
 */
export function byHostInTurns(planned: PlannedHop): HopOrder[] {
  const { context, hop, all, tiers } = planned;
  const control = [...tiers.first, ...tiers.control];
  // What a release wants of the others does not concern a hop that stays at its release; OVN's version moves all the same.
  const ovn = all.filter(({ known }) => known.name === 'ovn');
  const adaptOvn = (slot: RuleSlot): HopOrder => ({ do: 'adapt', slot, of: ovn });
  const isHeld = heldByOvn(all, { ...tiers, first: control }).length > 0;
  return [
    { do: 'check', what: 'packages', isPartial: false },
    { do: 'check', what: 'rows' },
    smoke('smoke test before the upgrade'),
    adaptOvn('beforeStop'),
    { do: 'as it is', steps: unnamedSteps(context, hop, 'before') },
    ...aloneFirst(
      control,
      control.flatMap((host): HopOrder[] => [
        { do: 'drain', what: 'instances', state: 'drained', on: [host] },
        { do: 'drain', what: 'host', state: 'out', host },
        ...turn(planned, [host]),
        { do: 'drain', what: 'host', state: 'back', host },
        { do: 'drain', what: 'instances', state: 'enabled', on: [host] },
      ]),
    ),
    ...(control.length === 0 || isHeld ? [] : [smoke('smoke test with the new control hosts')]),
    ...agentTurns(planned, (host) => turn(planned, [host])),
    ...computeTurns(planned, (hosts) => turn(planned, hosts)),
    adaptOvn('afterServices'),
    { do: 'as it is', steps: unnamedSteps(context, hop, 'after') },
    { do: 'check', what: 'stale', of: 'services' },
    smoke('smoke test after the upgrade'),
  ];
}

const turn = (planned: PlannedHop, on: readonly string[]): HopOrder[] => [
  { do: 'stop', units: sortedByTier(unitsOn(planned.units.before, on)) },
  ...preparedHosts(on),
  { do: 'restart hosts', on },
  ...startedHosts(planned, on),
];

const smoke = (title: string): HopOrder => ({ do: 'check', what: 'smoke', title });

/** With no neighbour to serve, the APIs are down while the only control host has its turn. */
const aloneFirst = (control: readonly string[], order: readonly HopOrder[]): HopOrder[] =>
  control.length === 1
    ? [
        {
          do: 'ask',
          notes: ['The outage begins here: the APIs are down until the only control host is back.'],
          order,
        },
      ]
    : [...order];
