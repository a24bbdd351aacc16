import type { ServiceUnit } from '../deployment/intents.ts';
import type { PlanContext } from './context.ts';
import type { HostHop } from './host-hop.ts';
import type { HopOrder } from './order.ts';
import { sortedByTier, unitsOn } from './tiers.ts';

/** Control hosts, one at a time; `back` lets requests to one in again. */
export const controlTurns = (hop: HostHop, back: (host: string) => HopOrder): HopOrder[] =>
  hop.tiers.control.flatMap((host) => [...emptyTurn(hop, [host]), back(host)]);

/** Then hosts of agents, then computes. */
export const laterTurns = (hop: HostHop): HopOrder[] => [...agentTurns(hop), ...computeTurns(hop)];

/** Hosts take their turn; instances leave before, where a host has them. */
const emptyTurn = (hop: HostHop, on: readonly string[]): HopOrder[] => [
  { do: 'drain', what: 'instances', state: 'drained', on },
  ...hostTurn(hop, on),
  { do: 'check', what: 'reported', on },
  { do: 'drain', what: 'instances', state: 'enabled', on },
];

/** Stops what still runs on hosts, upgrades them, and starts them again. */
export const hostTurn = (hop: HostHop, on: readonly string[]): HopOrder[] => [
  { do: 'stop', units: running(hop, on) },
  { do: 'prepare', on },
  { do: 'restart hosts', on },
  { do: 'start hosts', units: hop.started, on },
];

/** What a hop's beginning has left running there. */
function running({ units, stopped }: HostHop, on: readonly string[]): ServiceUnit[] {
  return sortedByTier(unitsOn(units.before, on)).flatMap((unit) => {
    const done = stopped.find(
      ({ name, part, moving }) =>
        name === unit.name && part === unit.part && moving === unit.moving,
    );
    const hosts = unit.hosts.filter((host) => done?.hosts.includes(host) !== true);
    return hosts.length === 0 ? [] : [{ ...unit, hosts }];
  });
}

/**
 * Hosts of agents, one at a time: routers and DHCP of a host pause with it, and only people see whether what ran through
 * it does so again. They look before the first and before the others.
 */
function agentTurns(hop: HostHop): HopOrder[] {
  const {
    all,
    tiers: { agents },
  } = hop;
  const many = agents.length === 1 ? 'one host' : `${agents.length} hosts, one at a time`;
  const notes = [
    `Next are the network hosts and other hosts with agents, ${many}. Routers and DHCP on them may pause: watch a ping, or move routers away first.`,
    `The first of them, ${agents[0] ?? ''}, is upgraded. Approve once traffic flows through it as before.`,
  ];
  return agents.flatMap((host, index): HopOrder[] => {
    const of = all.filter(({ here }) => here.hosts.includes(host));
    // Agents report every half minute; a process that runs may still not reach the queue.
    const order: HopOrder[] = [...hostTurn(hop, [host]), { do: 'check', what: 'rows', of }];
    const note = notes[index];
    return note === undefined ? order : [{ do: 'ask', notes: [note], order }];
  });
}

/** Computes after the control plane: one first, alone, then so many of a zone at a time. People look before both. */
function computeTurns(hop: HostHop): HopOrder[] {
  const {
    context,
    tiers: { computes },
  } = hop;
  const [canary, ...batches] = batchesOf(context, computes);
  if (canary === undefined) return [];
  const many = `${computes.length} ${computes.length === 1 ? 'host' : 'hosts'}`;
  return [
    {
      do: 'ask',
      notes: [
        `The control plane runs the new release. Computes are next, ${many}: one alone first.`,
      ],
      order: emptyTurn(hop, canary),
    },
    ...canary.map((host): HopOrder => ({
      do: 'check',
      what: 'smoke',
      title: 'smoke test on the first new compute',
      host,
    })),
    {
      do: 'ask',
      notes: [
        `The first compute runs the new release. The others are next, ${batches.length === 1 ? 'in one batch' : `in ${batches.length} batches`}.`,
      ],
      order: batches.flatMap((hosts) => emptyTurn(hop, hosts)),
    },
  ];
}

/**
 * The first host of the first zone, then zone by zone, in the order of the cloud's file. Where instances leave, one host of
 * their zone stays: those that asked for it can go nowhere else.
 */
function batchesOf(context: PlanContext, hosts: readonly string[]): string[][] {
  const { batch, drain } = context.services.computes;
  const [canary, ...rest] = hosts;
  // The canary's zone goes on first: it is the first of the file.
  const zones = [...new Set(hosts.map((host) => context.zones[host]))];
  return [
    ...(canary === undefined ? [] : [[canary]]),
    ...zones.flatMap((zone) => {
      const isIn = (host: string): boolean => context.zones[host] === zone;
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
