import type { PlannedHop } from '../deployment/deployment.ts';
import type { Hop } from '../path/path.ts';
import type { HopOrder } from './order.ts';
import { heldByOvn, sortedByTier, tooFarBehind, unitsOn } from './tiers.ts';
import {
  activatedFirst,
  agentTurns,
  computeTurn,
  computeTurns,
  hostTurn,
  preparedHosts,
  startedHosts,
  type StoppedHop,
} from './turns.ts';
import { unnamedSteps } from './unnamed.ts';

/**
 * One hop that upgrades whole hosts: one apt run moves the libraries of every service on a host. Checks come first, while
 * everything runs. Then people are kept out and all that uses databases stops; the first host of each service gets its
 * packages, all databases are dumped, schemas are synced and services start; the cloud is tried and lets people in again.
 * The other control hosts follow one at a time, then agents, then computes by zone.
 *
 * Backwards it reads: new programs stopped, databases restored, packages, files and archive as they were, old programs
 * started.
 */
export function byHost(planned: PlannedHop): HopOrder[] {
  const { context, tiers, units } = planned;
  const stopped = sortedByTier(units.stopping).flatMap((unit) =>
    unit.tier === 'control' ? [unit] : unitsOn([unit], tiers.first),
  );
  const hop = { ...planned, stopped };
  return [
    ...looksBefore(hop),
    { do: 'adapt', slot: 'mixed' },
    { do: 'drain', what: 'instances', state: 'drained', on: tiers.first },
    ...outageFrom(hop, 'Computes and agents keep running the old release until their turn.', [
      ...behindNotes(hop),
      ...ovnNotes(hop),
    ]),
    ...upgradedFirst(hop, tiers.first),
    ...activatedFirst(hop, (service) => [
      { do: 'check', what: 'own checks', when: 'synced', of: [service] },
    ]),
    restarted(hop, tiers.first),
    ...othersInTurns(hop),
    { do: 'adapt', slot: 'afterServices' },
    { do: 'as it is', steps: unnamedSteps(context, hop.hop, 'after') },
    { do: 'adapt', slot: 'unmixed' },
    ...looksAfter,
    { do: 'adapt', slot: 'over' },
  ];
}

/**
 * As `byHost`, where releases must not mix: computes and agents stop with the rest, and all hosts get their packages at
 * once.
 */
export function byHostTogether(planned: PlannedHop): HopOrder[] {
  const { context, tiers } = planned;
  const hop = { ...planned, stopped: sortedByTier(planned.units.stopping) };
  const everywhere = context.moved;
  return [
    ...looksBefore(hop),
    ...outageFrom(
      hop,
      'Computes and agents stop too, until their packages are installed and all schemas are synced.',
      [],
    ),
    ...upgradedFirst(hop, everywhere),
    // nova's check fails on an unsupported hop until computes have reported: there only the one at the end tells.
    ...activatedFirst(hop, () => []),
    restarted(hop, everywhere),
    ...tiers.control.flatMap((host) => startedHosts(hop, [host])),
    { do: 'drain', what: 'people', state: 'back', which: 'inner', on: tiers.control },
    ...startedHosts(hop, tiers.agents),
    ...startedHosts(hop, tiers.computes),
    { do: 'check', what: 'reported', on: everywhere },
    { do: 'adapt', slot: 'afterServices' },
    { do: 'as it is', steps: unnamedSteps(context, hop.hop, 'after') },
    ...looksAfter,
    { do: 'drain', what: 'people', state: 'back', which: 'door', on: everywhere },
    { do: 'adapt', slot: 'over' },
  ];
}

/** While everything runs, and nothing has changed. */
export const looksBefore = ({ context, hop }: PlannedHop): HopOrder[] => [
  { do: 'check', what: 'packages', isPartial: false },
  { do: 'back up', what: 'packages', isPartial: false },
  { do: 'check', what: 'own checks', when: 'before' },
  { do: 'migrate data', when: 'before' },
  { do: 'check', what: 'cells' },
  { do: 'check', what: 'rows' },
  { do: 'check', what: 'smoke', title: 'smoke test before the upgrade' },
  { do: 'adapt', slot: 'beforeStop' },
  { do: 'as it is', steps: unnamedSteps(context, hop, 'before') },
];

/** People look again before the outage, unless they have approved all of the hop in one go. */
function outageFrom(
  { hop, stopped }: StoppedHop,
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

export const behindNotes = ({ all, hop }: PlannedHop): string[] =>
  tooFarBehind(all).map(({ known }) => waiting(known.title, hop));

const waiting = (title: string, { titles }: Hop): string =>
  `${title}'s ${titles.from} agents may not understand its ${titles.to} server: what exists keeps working, but changes on a host may wait until the host is upgraded.`;

const ovnNotes = ({ all, tiers }: PlannedHop): string[] =>
  heldByOvn(all, tiers).length === 0
    ? []
    : [
        "Once OVN's northd is upgraded, each ovn-controller of the old version holds still: what runs keeps its network, and new ports are wired on upgraded hosts alone. So no instance is tried before the APIs reopen.",
      ];

/** Packages where nothing runs any more, then the dump: what is synced afterwards can be restored. */
const upgradedFirst = ({ all }: PlannedHop, on: readonly string[]): HopOrder[] => [
  { do: 'migrate data', when: 'stopped' },
  ...preparedHosts(on),
  { do: 'back up', what: 'databases', of: all },
];

/** Not before the schemas are there: at boot everything starts. Then it is seen that all of it runs. */
const restarted = (hop: PlannedHop, on: readonly string[]): HopOrder => ({
  do: 'if any',
  first: { do: 'restart hosts', on },
  order: startedHosts(hop, hop.tiers.first),
});

/** The cloud is tried and opens; then the other hosts follow. */
function othersInTurns(hop: StoppedHop): HopOrder[] {
  const { all, tiers } = hop;
  return [
    // Computes and agents were alone for a while. The other control hosts still wait for their turn.
    { do: 'check', what: 'rows', stopped: unitsOn(hop.stopped, tiers.control) },
    ...(heldByOvn(all, tiers).length > 0
      ? []
      : [{ do: 'check', what: 'smoke', title: 'smoke test before the APIs reopen' } as const]),
    peopleBack('door', tiers.first),
    { do: 'check', what: 'reported', on: tiers.first },
    { do: 'drain', what: 'instances', state: 'enabled', on: tiers.first },
    ...tiers.control.flatMap((host) => [
      ...computeTurn([host], hostTurn(hop, [host])),
      peopleBack('all', [host]),
    ]),
    ...agentTurns(hop, (host) => hostTurn(hop, [host])),
    ...computeTurns(hop, (hosts) => hostTurn(hop, hosts)),
  ];
}

const peopleBack = (which: 'door' | 'all', on: readonly string[]): HopOrder => ({
  do: 'drain',
  what: 'people',
  state: 'back',
  which,
  on,
});

/** What a release wants once all hosts run it. */
export const looksAfter: readonly HopOrder[] = [
  { do: 'migrate data', when: 'after' },
  { do: 'check', what: 'own checks', when: 'after' },
  { do: 'check', what: 'rows' },
  { do: 'check', what: 'stale', of: 'services' },
  { do: 'check', what: 'smoke', title: 'smoke test after the upgrade' },
];
