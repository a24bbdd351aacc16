import type { PlannedService } from './context.ts';
import type { HostHop } from './host-hop.ts';
import type { HopOrder, HostWay } from './order.ts';
import { controlTurns, laterTurns } from './turns.ts';

/**
 * People are kept out and all that uses databases stops; the first host of each service gets its packages, all databases are
 * dumped, schemas are synced and services start; the cloud is tried and lets people in again. The other control hosts follow
 * one at a time, then agents, then computes by zone.
 */
export function withOutage(hop: HostHop): HostWay {
  const { behind, heldByOvn, tiers } = hop;
  return {
    order: [
      { do: 'adapt', slot: 'mixed' },
      { do: 'drain', what: 'instances', state: 'drained', on: tiers.first },
      ...outageFrom(hop, 'Computes and agents keep running the old release until their turn.', [
        ...behind,
        ...(heldByOvn.length === 0
          ? []
          : [
              "Once OVN's northd is upgraded, each ovn-controller of the old version holds still: what runs keeps its network, and new ports are wired on upgraded hosts alone. So no instance is tried before the APIs reopen.",
            ]),
      ]),
      ...upgradedFirst(hop, tiers.first),
      ...activatedFirst(hop, (service) => [
        { do: 'check', what: 'own checks', when: 'synced', of: [service] },
      ]),
      restarted(hop, tiers.first),
      ...othersInTurns(hop),
    ],
    alike: [{ do: 'adapt', slot: 'unmixed' }],
    looked: [],
  };
}

/** Where releases must not mix: computes and agents stop with the rest, and all hosts get their packages at once. */
export function allTogether(hop: HostHop): HostWay {
  const { tiers, context } = hop;
  const everywhere = context.moved;
  return {
    order: [
      ...outageFrom(
        hop,
        'Computes and agents stop too, until their packages are installed and all schemas are synced.',
        [],
      ),
      ...upgradedFirst(hop, everywhere),
      // nova's check fails on an unsupported hop until computes have reported: there only the one at the end tells.
      ...activatedFirst(hop, () => []),
      restarted(hop, everywhere),
      ...tiers.control.map((host): HopOrder => ({
        do: 'start hosts',
        units: hop.started,
        on: [host],
      })),
      { do: 'drain', what: 'people', state: 'back', which: 'inner', on: tiers.control },
      { do: 'start hosts', units: hop.started, on: tiers.agents },
      { do: 'start hosts', units: hop.started, on: tiers.computes },
      { do: 'check', what: 'reported', on: everywhere },
    ],
    alike: [],
    looked: [{ do: 'drain', what: 'people', state: 'back', which: 'door', on: everywhere }],
  };
}

/** People look again before the outage, unless they have approved all of the hop in one go. */
function outageFrom(
  { hop, stopped }: HostHop,
  computes: string,
  besides: readonly string[],
): HopOrder[] {
  const order: HopOrder[] = [
    { do: 'drain', what: 'people', state: 'out' },
    { do: 'stop', units: stopped },
  ];
  if (hop.rule === 'unsupported') return order;
  const note = `The outage begins here: the APIs are down until the first control host is back. ${computes} No step before this one changed a service.`;
  return [{ do: 'ask', notes: [note, ...besides], order }];
}

/** Packages where nothing runs any more, then the dump: what is synced afterwards can be restored. */
const upgradedFirst = ({ all }: HostHop, on: readonly string[]): HopOrder[] => [
  { do: 'migrate data', when: 'stopped' },
  { do: 'prepare', on },
  { do: 'back up', what: 'databases', of: all },
];

/** Leads each service's databases to the new release and starts it where they were synced. `synced`: what is looked at then. */
function activatedFirst(
  { all, sharers, started, tiers }: HostHop,
  synced: (service: PlannedService) => readonly HopOrder[],
): HopOrder[] {
  const done = new Set<PlannedService>();
  const services = [
    ...all.filter(({ known }) => !known.last),
    ...all.filter(({ known }) => known.last),
  ];
  return [
    ...services.flatMap((service): HopOrder[] => {
      const due = [service, ...(sharers.get(service) ?? [])].filter((one) => !done.has(one));
      for (const one of due) done.add(one);
      const own = started.filter(({ tier, moving }) => tier === 'control' && moving === service);
      return [
        ...due.map((of): HopOrder => ({ do: 'lead schema', of })),
        ...synced(service),
        { do: 'start', units: own, on: tiers.first },
        ...answering(service, tiers.first),
      ];
    }),
    { do: 'start', units: started.filter(({ tier }) => tier !== 'control'), on: tiers.first },
  ];
}

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

/** Not before the schemas are there: at boot everything starts. Then it is seen that all of it runs. */
const restarted = (hop: HostHop, on: readonly string[]): HopOrder => ({
  do: 'if any',
  first: { do: 'restart hosts', on },
  order: [{ do: 'start hosts', units: hop.started, on: hop.tiers.first }],
});

/** The cloud is tried and opens; then the other hosts follow. */
function othersInTurns(hop: HostHop): HopOrder[] {
  const { heldByOvn, tiers, waiting } = hop;
  return [
    // Computes and agents were alone for a while. The other control hosts still wait for their turn.
    { do: 'check', what: 'rows', stopped: waiting },
    ...(heldByOvn.length > 0
      ? []
      : [{ do: 'check', what: 'smoke', title: 'smoke test before the APIs reopen' } as const]),
    peopleBack('door', tiers.first),
    { do: 'check', what: 'reported', on: tiers.first },
    { do: 'drain', what: 'instances', state: 'enabled', on: tiers.first },
    ...controlTurns(hop, (host) => peopleBack('all', [host])),
    ...laterTurns(hop),
  ];
}

const peopleBack = (which: 'door' | 'all', on: readonly string[]): HopOrder => ({
  do: 'drain',
  what: 'people',
  state: 'back',
  which,
  on,
});
