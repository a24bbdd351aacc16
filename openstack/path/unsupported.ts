import type { PlanContext } from '../plan/context.ts';
import { computeFloor } from './floors.ts';
import type { Hop } from './path.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';

/** What whoever asks for a plan wants, beside where it leads. */
export interface PlanWish {
  /** Only some services. */
  readonly isPartial: boolean;
  /** Why an unsupported hop is taken; empty where it is only planned. */
  readonly reason: string;
}

/** What to know before a hop that nobody supports is approved. */
export function unsupportedRisks(
  context: PlanContext,
  hop: Hop,
  { isPartial, reason }: PlanWish,
): string[] {
  if (hop.rule !== 'unsupported') return [];
  const { knowledge, facts, chosen } = context;
  const floor = computeFloor(knowledge, hop);
  const found = facts.computeVersion ?? floor?.found;
  return [
    ...(reason === '' ? [] : [`Unsupported, and started all the same, because: ${reason}`]),
    `Unsupported: OpenStack tests no hop from ${hop.titles.from} to ${hop.titles.to}. The supported upgrade path goes through ${(hop.leavesOut ?? []).join(', ')}; what these would have moved or refused is not looked at.`,
    ...(isPartial
      ? [
          `Services that stay at ${hop.titles.from} talk to the new ones and share libraries with them on their hosts. Nobody tests either.`,
        ]
      : [
          'All services stop together, computes and agents included, on all hosts, until every schema is synced. Instances run on; nobody can reach the APIs.',
          'Old and new programs do not understand each other: messages that are still queued when services stop may be lost, and nothing of the old release may be started again.',
        ]),
    ...(chosen.some(({ known }) => known.name === 'nova') &&
    floor !== undefined &&
    found !== undefined &&
    found < floor.version
      ? [
          `nova's compute floor: computes say ${found}, and ${hop.titles.to} starts beside ${floor.version} (${releaseNameTitle(floor.oldest)}) and later. [${knowledge.floors.compute.workaround.section}] ${knowledge.floors.compute.workaround.option} is set on control and compute hosts until the last compute says ${knowledge.floors.compute.versions[hop.to] ?? 'its new number'}.`,
        ]
      : []),
    ...(hop.crosses && !isPartial
      ? [
          `Hosts keep the kernel of ${hop.codenames?.from ?? ''} until somebody restarts them, which is no part of this plan.`,
          `Packages cannot go back from ${hop.codenames?.to ?? ''} to ${hop.codenames?.from ?? ''}: without the snapshots that a person takes there is no rollback.`,
        ]
      : []),
  ];
}
