import { onceEach } from '../../handlers/contract/once-each.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import type { ServiceUnit } from '../deployment/intents.ts';
import { isOnHost, type PlannedService, zoneOf } from './context.ts';
import type { HopOrder } from './order.ts';
import { sortedByTier, unitsOn } from './tiers.ts';

/** A hop by host, of which something has stopped by now. */
export interface StoppedHop extends PlannedHop {
  readonly stopped: readonly ServiceUnit[];
}

/** The packages of hosts whose services are stopped, and the files that go with them. */
export const preparedHosts = (on: readonly string[]): HopOrder[] => [
  { do: 'adapt', slot: 'beforePackages', on },
  { do: 'write configuration', when: 'beforePackages', on },
  { do: 'upgrade hosts', on },
  { do: 'write configuration', when: 'afterPackages', on },
  { do: 'adapt', slot: 'afterPackages', on },
];

/** Leads each service's databases to the new release and starts it where they were synced. `synced`: what is looked at then. */
export function activatedFirst(
  planned: PlannedHop,
  synced: (service: PlannedService) => readonly HopOrder[],
): HopOrder[] {
  const { all, tiers, units } = planned;
  const sharers = sharersOf(planned);
  const ordered = sortedByTier(units.after);
  const done = new Set<PlannedService>();
  const services = [
    ...all.filter(({ known }) => !known.last),
    ...all.filter(({ known }) => known.last),
  ];
  return [
    ...services.flatMap((service): HopOrder[] => {
      const due = [service, ...(sharers.get(service) ?? [])].filter((one) => !done.has(one));
      for (const one of due) done.add(one);
      const own = ordered.filter((unit) => isControl(unit) && unit.moving === service);
      return [
        ...due.flatMap(syncedSchema),
        ...synced(service),
        { do: 'start', units: unitsOn(own, tiers.first) },
        ...answering(service, tiers.first),
      ];
    }),
    {
      do: 'start',
      units: unitsOn(
        ordered.filter((unit) => !isControl(unit)),
        tiers.first,
      ),
    },
  ];
}

export const isControl = ({ tier }: ServiceUnit): boolean => tier === 'control';

export const syncedSchema = (service: PlannedService): HopOrder[] => [
  { do: 'adapt', slot: 'beforeSync', of: [service] },
  { do: 'sync schema', of: service },
  { do: 'adapt', slot: 'afterSync', of: [service] },
];

/** Services call each other through the balancer, so each comes back as soon as it answers. */
function answering(service: PlannedService, on: readonly string[]): HopOrder[] {
  const of = [service];
  return [
    { do: 'check', what: 'warnings', of },
    { do: 'check', what: 'answers', of, which: 'host', on },
    { do: 'adapt', slot: 'afterStart', of, on },
    { do: 'drain', what: 'people', state: 'back', which: 'inner', of, on },
    // A login goes by the catalogue, so through the balancer.
    { do: 'check', what: 'answers', of, which: 'login' },
  ];
}

/** Stops what still runs on hosts, upgrades them, and starts them again. */
export const hostTurn = (hop: StoppedHop, on: readonly string[]): HopOrder[] => [
  { do: 'stop', units: running(hop, on) },
  ...preparedHosts(on),
  { do: 'restart hosts', on },
  ...startedHosts(hop, on),
];

/** Starts all that hosts have: what serves APIs first, then agents, then computes. */
export const startedHosts = ({ all, units }: PlannedHop, on: readonly string[]): HopOrder[] => [
  { do: 'start', units: unitsOn(sortedByTier(units.after), on) },
  { do: 'check', what: 'answers', of: all, which: 'host', on },
  { do: 'adapt', slot: 'afterStart', on },
];

/** What a hop's beginning has left running there. */
function running({ units, stopped }: StoppedHop, on: readonly string[]): ServiceUnit[] {
  return sortedByTier(unitsOn(units.before, on)).flatMap((unit) => {
    const done = stopped.find(
      ({ name, part, moving }) =>
        name === unit.name && part === unit.part && moving === unit.moving,
    );
    const hosts = unit.hosts.filter((host) => done?.hosts.includes(host) !== true);
    return hosts.length === 0 ? [] : [{ ...unit, hosts }];
  });
}

/** Services that the same process serves, such as Apache: their schemas have to be there before it starts. */
export const sharersOf = onceEach(findSharers);

function findSharers({
  context,
  all,
  tiers,
  deployment,
}: PlannedHop): ReadonlyMap<PlannedService, PlannedService[]> {
  const alone = all.map((service) => ({
    service,
    units: deployment.units(context, [service]).after,
  }));
  return new Map(
    alone.map(({ service, units }) => {
      const own = new Set(units.map(({ name }) => name));
      const others = alone.filter(
        (other) =>
          other.service !== service &&
          unitsOn(other.units, tiers.first).some(({ name }) => own.has(name)),
      );
      return [service, others.map((other) => other.service)];
    }),
  );
}

/**
 * Hosts of agents, one at a time: routers and DHCP of a host pause with it, and only people see whether what ran through
 * it does so again. They look before the first and before the others.
 */
export function agentTurns(
  { all, tiers: { agents } }: PlannedHop,
  turnOf: (host: string) => readonly HopOrder[],
): HopOrder[] {
  const many = agents.length === 1 ? 'one host' : `${agents.length} hosts, one at a time`;
  const notes = [
    `Next are the network hosts and other hosts with agents, ${many}. Routers and DHCP on them may pause: watch a ping, or move routers away first.`,
    `The first of them, ${agents[0] ?? ''}, is upgraded. Approve once traffic flows through it as before.`,
  ];
  return agents.flatMap((host, index): HopOrder[] => {
    const of = all.filter((service) => isOnHost(service, host));
    // Agents report every half minute; a process that runs may still not reach the queue.
    const order: HopOrder[] = [...turnOf(host), { do: 'check', what: 'rows', of }];
    const note = notes[index];
    return note === undefined ? order : [{ do: 'ask', notes: [note], order }];
  });
}

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
      host,
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
