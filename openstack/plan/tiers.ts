import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import { type PlanContext, hostsOfPart, type MovingService, movedHosts } from './context.ts';
import type { Hop } from '../path/path.ts';
import { compareReleases } from '../knowledge/releases.ts';

type Tier = 'control' | 'agent' | 'compute';

const ranks: Readonly<Record<Tier, number>> = { control: 0, agent: 1, compute: 2 };

/** What a part is for, as its release says. */
export const tierOf = ({ before, after }: MovingService, part: string): Tier =>
  after.parts[part]?.tier ?? before.parts[part]?.tier ?? 'control';

interface Placed {
  readonly moving: MovingService;
  readonly part: string;
}

/**
 * In the order in which they are started: what serves APIs or uses databases, service by service and its API last; then
 * agents, then computes.
 */
export function sortedByTier<T extends Placed>(units: readonly T[]): T[] {
  const services = [...new Set(units.map(({ moving }) => moving))];
  const place = ({ moving, part }: Placed): readonly number[] => {
    const rank = ranks[tierOf(moving, part)];
    return [rank, services.indexOf(moving), part === moving.known.main ? 1 : 0];
  };
  return units.toSorted((a, b) => {
    const [ours, theirs] = [place(a), place(b)];
    const at = ours.findIndex((one, index) => one !== theirs[index]);
    return at === -1 ? 0 : (ours[at] ?? 0) - (theirs[at] ?? 0);
  });
}

/** The hosts of a hop that moves whole hosts, each once, in the order of the cloud's file. */
export interface HostTiers {
  /** Where schemas are synced: the first host of each service, and of each cell. */
  readonly first: readonly string[];
  /** The other hosts that serve APIs or use databases. */
  readonly control: readonly string[];
  readonly agents: readonly string[];
  readonly computes: readonly string[];
}

export function hostTiers(context: PlanContext, all: readonly MovingService[]): HostTiers {
  const first = new Set([
    ...all.flatMap((moving) => hostsOfPart(context, moving, moving.known.main).slice(0, 1)),
    ...furtherCells(context).map(({ host }) => host),
  ]);
  const tier = (host: string): Tier => {
    const found = all.flatMap((moving) =>
      Object.keys(moving.here.parts)
        .filter((part) => hostsOfPart(context, moving, part).includes(host))
        .map((part) => tierOf(moving, part)),
    );
    return (['control', 'compute'] as const).find((one) => found.includes(one)) ?? 'agent';
  };
  const rest = movedHosts(context).filter((host) => !first.has(host));
  return {
    first: movedHosts(context).filter((host) => first.has(host)),
    control: rest.filter((host) => tier(host) === 'control'),
    agents: rest.filter((host) => tier(host) === 'agent'),
    computes: rest.filter((host) => tier(host) === 'compute'),
  };
}

interface Cell {
  readonly name: string;
  readonly database: string;
  /** The first host of its conductors, where its schema is synced. */
  readonly host: string;
}

/** nova's cells beyond the one that its control hosts' files name. */
export const furtherCells = ({ cloud, services, chosen }: PlanContext): Cell[] =>
  chosen.some(({ known }) => known.name === 'nova')
    ? Object.entries(services.openstack['nova']?.cells ?? {}).flatMap(([name, cell]) =>
        hostsOnCloud(cloud, cell.on)
          .slice(0, 1)
          .map((host) => ({ name, database: cell.database, host })),
      )
    : [];

/** The databases of further cells. */
export const furtherCellDatabases = (context: PlanContext): string[] =>
  furtherCells(context).map(({ database }) => database);

/**
 * Whether nothing of the old release may run beside the new one, so that computes and agents stop with the control plane:
 * on a hop that nobody supports, and where nova's computes may not be as many releases behind as the hop is long.
 */
export const isColdHop = (context: PlanContext, all: readonly MovingService[], hop: Hop): boolean =>
  hop.rule === 'unsupported' ||
  tooFarBehind(context, all).some(({ known }) => known.name === 'nova');

/** The services whose agents and computes may not be as many releases behind as the hop is long. */
export function tooFarBehind(
  { knowledge }: PlanContext,
  all: readonly MovingService[],
): MovingService[] {
  const length = ({ from, to }: Hop): number =>
    knowledge.series.filter(
      ({ name }) => compareReleases(name, from) > 0 && compareReleases(name, to) <= 0,
    ).length;
  return all
    .filter((moving) =>
      Object.keys(moving.here.parts).some((part) => tierOf(moving, part) !== 'control'),
    )
    .filter(({ hop, after: { mixed } }) => mixed !== undefined && length(hop) > releases[mixed]);
}

/** How many releases may lie between what runs mixed. */
const releases = { cold: 0, 'n-1': 1, 'n-2': 2 } as const;

/** Hosts whose ovn-controller waits for a northd of its version from the moment that the control hosts are upgraded. */
export const heldByOvn = (
  context: PlanContext,
  all: readonly MovingService[],
  { first }: HostTiers,
): string[] =>
  all
    .filter(({ known }) => known.name === 'ovn')
    .flatMap((moving) => hostsOfPart(context, moving, 'host'))
    .filter((host) => !first.includes(host));
