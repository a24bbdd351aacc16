import type { RuleSlot } from '../deployment/intents.ts';
import type { HostHop } from './host-hop.ts';
import type { HopOrder } from './order.ts';
import { hostTurn, laterTurns } from './turns.ts';
import type { UnnamedSteps } from './unnamed.ts';

/**
 * The distribution's own upgrade, with the same OpenStack before and after: no schema changes, and releases of it do not
 * mix, so hosts take their turns while their neighbours serve. Control hosts one at a time, then agents, then computes by
 * zone.
 */
export function byHostInTurns(hop: HostHop, unnamed: UnnamedSteps): HopOrder[] {
  const { all, heldByOvn, tiers } = hop;
  const control = [...tiers.first, ...tiers.control];
  // What a release wants of the others does not concern a hop that stays at its release; OVN's version moves all the same.
  const ovn = all.filter(({ known }) => known.name === 'ovn');
  const adaptOvn = (slot: RuleSlot): HopOrder => ({ do: 'adapt', slot, of: ovn });
  return [
    { do: 'check', what: 'packages', isPartial: false },
    { do: 'check', what: 'rows' },
    smoke('smoke test before the upgrade'),
    adaptOvn('beforeStop'),
    { do: 'as it is', steps: unnamed.before },
    ...aloneFirst(
      control,
      control.flatMap((host): HopOrder[] => [
        { do: 'drain', what: 'instances', state: 'drained', on: [host] },
        { do: 'drain', what: 'host', state: 'out', host },
        ...hostTurn(hop, [host]),
        { do: 'drain', what: 'host', state: 'back', host },
        { do: 'drain', what: 'instances', state: 'enabled', on: [host] },
      ]),
    ),
    ...(control.length === 0 || heldByOvn.length > 0
      ? []
      : [smoke('smoke test with the new control hosts')]),
    ...laterTurns(hop),
    adaptOvn('afterServices'),
    { do: 'as it is', steps: unnamed.after },
    { do: 'check', what: 'stale', of: 'services' },
    smoke('smoke test after the upgrade'),
  ];
}

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
