import type { PlannedHop } from '../deployment/deployment.ts';
import { compareReleases } from '../knowledge/releases.ts';
import type { PlanContext, PlannedService } from './context.ts';

/**
 * The units that have to stop before those of the new release start, where control hosts of both may serve beside each other
 * on this hop, on the newer schema. Undefined where they may not.
 */
export function apartOn(
  context: PlanContext,
  moving: PlannedService,
): readonly string[] | undefined {
  const { known, hop } = moving;
  const { beside } = known;
  if (hop.from === hop.to) return [];
  if (beside === undefined || compareReleases(hop.from, beside.since) < 0) return undefined;
  if (hop.rule === 'unsupported' || compareReleases(hop.to, hop.from) > 1) return undefined;
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

/** The other control hosts of a service, which serve while its first one is upgraded. */
export const neighboursOf = ({ tiers }: PlannedHop, moving: PlannedService): string[] =>
  moving.mainHosts.filter((host) => !tiers.first.includes(host));

/**
 * Whether a hop can go by control hosts in turn: requests come by a balancer, and some service has a second host. Cells, OVN's
 * central part and data that only stopped programs can move are led as before, with all APIs down.
 */
export function hasNeighbours(planned: PlannedHop): boolean {
  const { context, all, deployment } = planned;
  return (
    context.services.loadBalancer !== undefined &&
    context.cells.length === 0 &&
    !all.some(({ known }) => known.name === 'ovn') &&
    all.some((moving) => neighboursOf(planned, moving).length > 0) &&
    deployment.steps(planned, { do: 'migrate data', when: 'stopped' }).length === 0
  );
}
