import { OperatorError, isErrorNamed } from '../../handlers/contract/errors.ts';
import type { PlanContext } from '../plan/context.ts';
import {
  crossesDistribution,
  isPackaged,
  movesWholeHosts,
  type PathRequest,
  shortestPath,
  type PathHop,
  nextCodename,
  type PathRules,
  missingPackages,
} from './distribution-path.ts';
import { computeFloor } from './floors.ts';
import { type Hop, releasePath } from './path.ts';
import {
  type KnownRelease,
  type ReleaseName,
  releaseTitle,
  releaseNameTitle,
} from '../knowledge/releases.ts';

/**
 * The path of a cloud: the shortest supported one, or, where somebody asks for it, straight to the target. Throws
 * `UnsupportedHop` where only that is left, and what `shortestPath` throws.
 */
export function upgradePath(
  trip: PathRequest,
  rules: PathRules,
  isUnsupported: boolean,
): PathHop[] {
  try {
    const supported = shortestPath(trip, rules);
    // What is supported in one go needs no risk.
    if (!isUnsupported || supported.length <= 1) return supported;
  } catch (error) {
    if (!isErrorNamed(error, 'NotPackaged')) throw error;
    const hop = straight(trip, rules);
    if (hop === undefined) throw error;
    if (!isUnsupported)
      throw unsupportedHop(trip, rules, { hop, why: missingPackages(trip, rules) });
    return [hop];
  }
  const hop = straight(trip, rules);
  if (hop !== undefined) return [hop];
  throw new OperatorError(
    `looking for a straight way from ${releaseNameTitle(trip.from.series)} to ${releaseNameTitle(trip.to.series)}: no packages for it on ${trip.from.codename} or its next release`,
    { name: 'NotPackaged', hint: 'Leave out --unsupported: the supported upgrade path is open.' },
  );
}

/** One hop over everything, on the release of the distribution that is there or the one after it. */
function straight({ from, to, hasArchive }: PathRequest, rules: PathRules): PathHop | undefined {
  if (from.series === to.series || !movesWholeHosts(from.series, rules)) return undefined;
  const next = nextCodename(from.codename, rules);
  const codename = [from.codename, ...(next === undefined ? [] : [next])].find(
    (one) =>
      (to.codename ?? one) === one && isPackaged({ ...to, codename: one }, rules, hasArchive),
  );
  return codename === undefined
    ? undefined
    : {
        from: from.series,
        to: to.series,
        rule: 'unsupported',
        codenames: { from: from.codename, to: codename },
      };
}

interface Refused {
  readonly hop: PathHop;
  readonly why: string;
}

function unsupportedHop(
  { from, to }: PathRequest,
  rules: PathRules,
  { hop, why }: Refused,
): OperatorError {
  const stops = releasePath(from.series, to.series, rules);
  const names = [from.series, ...stops.map((stop) => stop.to)].map((name) => named(name, rules));
  return new OperatorError(
    [
      `looking for an upgrade path from ${releaseNameTitle(from.series)} to ${releaseNameTitle(to.series)}: OpenStack supports no single hop between them`,
      `The supported upgrade path is ${names.join(', ')}. It is closed here: ${why}.`,
      `Straight to ${named(to.series, rules)}${crossesDistribution(hop) ? ` together with ${hop.codenames.to}` : ''} is possible, and nobody supports it: what the releases between would have moved or refused is not looked at, all services stop together, computes included, and ${crossesDistribution(hop) ? 'hosts have no rollback but their snapshots' : 'the rollback is the dump'}.`,
    ].join('\n'),
    {
      name: 'UnsupportedHop',
      hint: 'Make the packages of the supported upgrade path reachable (services.packages.archive), or take the risk: add --unsupported to the line. Its plan says which gates it trips; starting it takes a reason and the most approvals.',
    },
  );
}

const named = (
  name: ReleaseName,
  { series }: { readonly series: readonly KnownRelease[] },
): string => releaseTitle(series.find((one) => one.name === name) ?? { name });

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
  const passed = releasePath(hop.from, hop.to, knowledge)
    .slice(0, -1)
    .map(({ to }) => named(to, knowledge));
  const floor = computeFloor(knowledge, hop);
  const found = facts.computeVersion ?? floor?.found;
  return [
    ...(reason === '' ? [] : [`Unsupported, and started all the same, because: ${reason}`]),
    `Unsupported: OpenStack tests no hop from ${releaseNameTitle(hop.from)} to ${releaseNameTitle(hop.to)}. The supported upgrade path goes through ${passed.join(', ')}; what these would have moved or refused is not looked at.`,
    ...(isPartial
      ? [
          `Services that stay at ${releaseNameTitle(hop.from)} talk to the new ones and share libraries with them on their hosts. Nobody tests either.`,
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
          `nova's compute floor: computes say ${found}, and ${releaseNameTitle(hop.to)} starts beside ${floor.version} (${releaseNameTitle(floor.oldest)}) and later. [${knowledge.floors.compute.workaround.section}] ${knowledge.floors.compute.workaround.option} is set on control and compute hosts until the last compute says ${knowledge.floors.compute.versions[hop.to] ?? 'its new number'}.`,
        ]
      : []),
    ...(crossesDistribution(hop) && !isPartial
      ? [
          `Hosts keep the kernel of ${hop.codenames?.from ?? ''} until somebody restarts them, which is no part of this plan.`,
          `Packages cannot go back from ${hop.codenames?.to ?? ''} to ${hop.codenames?.from ?? ''}: without the snapshots that a person takes there is no rollback.`,
        ]
      : []),
  ];
}
