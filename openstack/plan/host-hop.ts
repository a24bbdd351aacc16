import type { PlannedHop } from '../deployment/deployment.ts';
import type { ServiceUnit } from '../deployment/intents.ts';
import type { PlannedService } from './context.ts';
import { sortedByTier, unitsOn } from './tiers.ts';

/** A hop that upgrades whole hosts, with what follows from the services and units that are there. */
export interface HostHop extends PlannedHop {
  /** Hosts take their turns, all services of one release: the distribution's own upgrade. */
  readonly isInTurns: boolean;
  /**
   * Nothing of the old release may run beside the new one, so computes and agents stop with the control plane: on a hop that nobody
   * supports, and where nova's computes may not be as many releases behind as the hop is long.
   */
  readonly mustNotMix: boolean;
  /** What people are told of services whose agents may not be as many releases behind as the hop is long. */
  readonly behind: readonly string[];
  /** Hosts whose ovn-controller waits for a northd of its version from the moment that the control hosts are upgraded. */
  readonly heldByOvn: readonly string[];
  /** What is stopped before the first hosts get their packages, in the order of its start. */
  readonly stopped: readonly ServiceUnit[];
  /** Of these what waits for the turn of another control host. */
  readonly waiting: readonly ServiceUnit[];
  /** Units of the new release, in the order in which they are started. */
  readonly started: readonly ServiceUnit[];
  /** Services that the same process serves, such as Apache: their schemas have to be there before it starts. */
  readonly sharers: ReadonlyMap<PlannedService, readonly PlannedService[]>;
}

export function hostHop(planned: PlannedHop): HostHop {
  const { all, hop, tiers, units } = planned;
  const isInTurns = hop.from === hop.to;
  const behind = tooFarBehind(all);
  const mustNotMix =
    hop.rule === 'unsupported' || behind.some(({ known }) => known.name === 'nova');
  const stopping = isInTurns ? [] : sortedByTier(units.stopping);
  const stopped = stopping.flatMap((unit) =>
    mustNotMix || unit.tier === 'control' ? [unit] : unitsOn([unit], tiers.first),
  );
  return {
    ...planned,
    isInTurns,
    mustNotMix,
    behind: behind.map(
      ({ known: { title } }) =>
        `${title}'s ${hop.titles.from} agents may not understand its ${hop.titles.to} server: what exists keeps working, but changes on a host may wait until the host is upgraded.`,
    ),
    heldByOvn: heldByOvn(all, isInTurns ? [...tiers.first, ...tiers.control] : tiers.first),
    stopped,
    waiting: unitsOn(stopped, tiers.control),
    started: sortedByTier(units.after),
    sharers: sharersOf(planned),
  };
}

const tooFarBehind = (all: readonly PlannedService[]): PlannedService[] =>
  all
    .filter(({ tiers }) => Object.values(tiers).some((tier) => tier !== 'control'))
    .filter(({ hop, after: { mixed } }) => mixed !== undefined && hop.releases > mostBehind[mixed]);

/** How many releases may lie between what runs mixed. */
const mostBehind = { cold: 0, 'n-1': 1, 'n-2': 2 } as const;

const heldByOvn = (all: readonly PlannedService[], upgraded: readonly string[]): string[] =>
  all
    .filter(({ known }) => known.name === 'ovn')
    .flatMap((moving) => moving.here.parts['host'] ?? [])
    .filter((host) => !upgraded.includes(host));

function sharersOf({
  all,
  tiers,
  units: { alone },
}: PlannedHop): ReadonlyMap<PlannedService, PlannedService[]> {
  const unitsOf = (service: PlannedService): readonly ServiceUnit[] =>
    alone.get(service)?.after ?? [];
  return new Map(
    all.map((service) => {
      const own = new Set(unitsOf(service).map(({ name }) => name));
      const isSharer = (other: PlannedService): boolean =>
        unitsOn(unitsOf(other), tiers.first).some(({ name }) => own.has(name));
      return [service, all.filter((other) => other !== service && isSharer(other))];
    }),
  );
}
