import type { Knowledge } from '../knowledge/knowledge.ts';
import type { Hop } from './path.ts';
import type { ReleaseName } from '../knowledge/releases.ts';

interface ComputeFloor {
  /** The oldest release whose nova-compute may be left. */
  readonly oldest: ReleaseName;
  readonly version: number;
  /** What nova-compute of the release that is left writes; unset where that is not known. */
  readonly found: number | undefined;
}

type Known = Pick<Knowledge, 'floors'>;

/** What nova of a hop's target asks of computes; `undefined` where it asks nothing, or nothing is known. */
export function computeFloor(
  { floors }: Known,
  { from, to }: Pick<Hop, 'from' | 'to'>,
): ComputeFloor | undefined {
  const floor = floors.compute.floors[to];
  return floor && { ...floor, found: floors.compute.versions[from] };
}

/** Whether computes of the release that is left keep nova of the target from starting. */
export function isBelowFloor(known: Known, hop: Pick<Hop, 'from' | 'to'>): boolean {
  const floor = computeFloor(known, hop);
  return floor?.found !== undefined && floor.found < floor.version;
}
