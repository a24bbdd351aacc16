import type { PlannedHop } from '../deployment/deployment.ts';
import { novaName, zoneOf } from './context.ts';
import type { HopOrder } from './order.ts';

/** Computes after the control plane: one first, alone, then so many of a zone at a time. People look before both. */
export function computeTurns(
  { context, tiers: { computes } }: PlannedHop,
  turnOf: (hosts: readonly string[]) => readonly HopOrder[],
): HopOrder[] {
  const [canary, ...batches] = batchesOf(context, computes);
  if (canary === undefined) return [];
  const many = `${computes.length} ${computes.length === 1 ? 'host' : 'hosts'}`;
  return [
    {
      do: 'ask',
      notes: [
        `The control plane runs the new release. Computes are next, ${many}: one alone first.`,
      ],
      order: computeTurn(canary, turnOf(canary)),
    },
    ...canary.map((host): HopOrder => ({
      do: 'check',
      what: 'smoke',
      title: 'smoke test on the first new compute',
      zone: `${zoneOf(context, host)}:${novaName(context, host)}`,
    })),
    {
      do: 'ask',
      notes: [
        `The first compute runs the new release. The others are next, ${batches.length === 1 ? 'in one batch' : `in ${batches.length} batches`}.`,
      ],
      order: batches.flatMap((hosts) => computeTurn(hosts, turnOf(hosts))),
    },
  ];
}

/**
 * The first host of the first zone, then zone by zone, in the order of the cloud's file. Where instances leave, one host of
 * their zone stays: those that asked for it can go nowhere else.
 */
function batchesOf(context: PlannedHop['context'], hosts: readonly string[]): string[][] {
  const { batch, drain } = context.services.computes;
  const [canary, ...rest] = hosts;
  // The canary's zone goes on first: it is the first of the file.
  const zones = [...new Set(hosts.map((host) => zoneOf(context, host)))];
  return [
    ...(canary === undefined ? [] : [[canary]]),
    ...zones.flatMap((zone) => {
      const isIn = (host: string): boolean => zoneOf(context, host) === zone;
      const others = hosts.filter(isIn).length - 1;
      return chunks(
        rest.filter(isIn),
        drain === 'skip' ? batch : Math.max(1, Math.min(batch, others)),
      );
    }),
  ];
}

function chunks(hosts: readonly string[], size: number): string[][] {
  return hosts.length === 0 ? [] : [hosts.slice(0, size), ...chunks(hosts.slice(size), size)];
}

/** Hosts take their turn; instances leave before, where a host has them. */
export const computeTurn = (on: readonly string[], turn: readonly HopOrder[]): HopOrder[] => [
  { do: 'drain', what: 'instances', state: 'drained', on },
  ...turn,
  { do: 'check', what: 'reported', on },
  { do: 'drain', what: 'instances', state: 'enabled', on },
];
