import { compareReleases } from '../knowledge/releases.ts';
import type { PlanContext, PlannedService } from './context.ts';
import type { HostHop } from './host-hop.ts';

/** A hop on which some service is served by other control hosts while its first one is upgraded. */
export interface ServingHop extends HostHop {
  /** First hosts of which a service has another host. */
  readonly paired: readonly string[];
  readonly alone: readonly string[];
  /** Services that one process serves go together; those of hosts without a neighbour have their own turn. */
  readonly groups: readonly ServingGroup[];
  /** What people are told before they approve it. */
  readonly notes: readonly string[];
}

export interface ServingGroup {
  readonly of: readonly PlannedService[];
  /** The units that have to stop before those of the new release start. Undefined where the releases may not serve beside each other. */
  readonly apart: readonly string[] | undefined;
}

/**
 * Undefined where nobody serves meanwhile: requests come by no balancer, or no service has a second control host. Cells, OVN's
 * central part and data that only stopped programs can move are led with all APIs down.
 */
export function servingHop(hop: HostHop): ServingHop | undefined {
  const { context, all, tiers } = hop;
  const paired = tiers.first.filter((host) =>
    all.some((moving) => moving.mainHosts.includes(host) && hasNeighbours(hop, moving)),
  );
  if (
    context.services.loadBalancer === undefined ||
    context.cells.length > 0 ||
    !all.some((moving) => hasNeighbours(hop, moving)) ||
    all.some(({ known }) => known.name === 'ovn') ||
    all.some(({ rules }) => (rules.steps.afterStop ?? []).length > 0)
  )
    return undefined;
  const alone = tiers.first.filter((host) => !paired.includes(host));
  const groups = groupsOf(hop, alone);
  return { ...hop, paired, alone, groups, notes: servingNotes(hop, paired, groups) };
}

/** Whether other control hosts of a service serve while its first one is upgraded. */
const hasNeighbours = ({ tiers }: HostHop, { mainHosts }: PlannedService): boolean =>
  mainHosts.some((host) => !tiers.first.includes(host));

function groupsOf(hop: HostHop, alone: readonly string[]): ServingGroup[] {
  const { all, context, sharers } = hop;
  const done = new Set<PlannedService>();
  return [
    ...all.filter(({ known }) => !known.last),
    ...all.filter(({ known }) => known.last),
  ].flatMap((service) => {
    const of = [service, ...(sharers.get(service) ?? [])].filter(
      (one) => !done.has(one) && !alone.includes(one.mainHosts[0] ?? ''),
    );
    for (const one of of) done.add(one);
    return of.length === 0 ? [] : [{ of, apart: apartTogether(context, of) }];
  });
}

/** Undefined where one of them may not serve beside its next release. */
function apartTogether(
  context: PlanContext,
  of: readonly PlannedService[],
): readonly string[] | undefined {
  const each = of.map((moving) => apartOn(context, moving));
  return each.some((one) => one === undefined) ? undefined : each.flatMap((one) => one ?? []);
}

/**
 * The units that have to stop before those of the new release start, where control hosts of both may serve beside each other
 * on this hop, on the newer schema. Undefined where they may not.
 */
function apartOn(context: PlanContext, moving: PlannedService): readonly string[] | undefined {
  const { known, hop } = moving;
  const { beside } = known;
  if (hop.from === hop.to) return [];
  if (beside === undefined || compareReleases(hop.from, beside.since) < 0) return undefined;
  if (hop.rule === 'unsupported' || hop.releases > 1) return undefined;
  if (beside.except?.includes(hop.to) === true) return undefined;
  const ends = known.databases.map((database) => context.knowledge.heads[database]?.heads);
  const isKept = (one: string): boolean =>
    [hop.from, hop.to].every((release) =>
      ends.some((heads) => heads?.[release]?.heads.includes(one)),
    );
  if (beside.contract?.some(isKept) === false) return undefined;
  const isSame = ends.every(
    (heads) => heads?.[hop.from]?.heads.join() === heads?.[hop.to]?.heads.join(),
  );
  return beside.sameSchema === true && !isSame ? undefined : beside.apart;
}

function servingNotes(
  hop: HostHop,
  paired: readonly string[],
  groups: readonly ServingGroup[],
): string[] {
  const { all, behind, context, tiers } = hop;
  const bare = all.filter((one) => !hasNeighbours(hop, one));
  const kept = all.filter((one) => !bare.includes(one));
  const beside = kept.filter((one) =>
    groups.some(({ of, apart }) => of.includes(one) && apart !== undefined),
  );
  const cold = kept.filter((one) => !beside.includes(one));
  const apart = beside.flatMap((one) => apartOn(context, one) ?? []);
  const expanded = beside.filter(({ known }) => known.beside?.contract !== undefined);
  return [
    `The upgrade of ${paired.join(', ')} begins here, out of the balancer, while the old release is served by ${tiers.control.join(', ')}. Then the services change over one by one. Computes and agents keep running the old release until their turn.`,
    ...told(
      beside,
      `For the moment of the change both releases serve beside each other: ${titles(beside)}.${apart.length === 0 ? '' : ` ${apart.join(', ')} of the old release stop before: what they would do waits until the new ones are there.`}`,
    ),
    ...told(
      expanded,
      `No migration of this hop contracts a schema of ${titles(expanded)}, so they are only expanded, while the old release serves.`,
    ),
    ...told(
      cold,
      `Nobody says that both releases of these may serve beside each other, so they are down from the stop of the old one to the start of the new one: ${titles(cold)}.`,
    ),
    ...told(
      bare,
      `No other host serves ${titles(bare)}: down while ${[...new Set(bare.flatMap((one) => one.mainHosts))].join(', ')} is upgraded.`,
    ),
    'The databases are dumped while people work. A rollback stops all APIs, restores that dump, and loses what was made since.',
    ...behind,
  ];
}

const told = (some: readonly PlannedService[], text: string): string[] =>
  some.length === 0 ? [] : [text];

const titles = (some: readonly PlannedService[]): string =>
  some.map(({ known }) => known.title).join(', ');
