import { OperatorError, isErrorNamed } from '../../../../handlers/contract/errors.ts';
import { releaseNameTitle, titleOfRelease } from '../../../knowledge/releases.ts';
import { hopOf, movesWholeHosts, releasePath } from '../../../path/path.ts';
import { packageSource } from '../archive.ts';
import type { CloudPlace, Trip } from '../../deployment.ts';
import {
  codenameNow,
  isPackaged,
  missingPackages,
  nextCodename,
  type PathHop,
  type PathRequest,
  type PathRules,
  shortestPath,
} from './shortest-path.ts';

/** The path from the releases that a cloud has: where its hosts find the packages of each hop. */
export function packagedPath(
  { from, to, codename, isUnsupported }: Trip,
  place: CloudPlace,
): PathHop[] {
  const { knowledge, facts } = place;
  const { codename: written, archive } = packageSource(place);
  return upgradePath(
    {
      from: { series: from, codename: codenameNow(written, facts.codename, knowledge) },
      to: { series: to, ...(codename !== undefined && { codename }) },
      hasArchive: archive !== 'none',
    },
    knowledge,
    isUnsupported,
  );
}

/**
 * The path of a cloud: the shortest supported one, or, where somebody asks for it, straight to the target. Throws
 * `UnsupportedHop` where only that is left, and what `shortestPath` throws.
 */
function upgradePath(trip: PathRequest, rules: PathRules, isUnsupported: boolean): PathHop[] {
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
    : hopOf({
        from: from.series,
        to: to.series,
        rule: 'unsupported',
        codenames: { from: from.codename, to: codename },
      });
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
  const names = [from.series, ...stops.map((stop) => stop.to)].map((name) =>
    titleOfRelease(name, rules),
  );
  return new OperatorError(
    [
      `looking for an upgrade path from ${hop.titles.from} to ${hop.titles.to}: OpenStack supports no single hop between them`,
      `The supported upgrade path is ${names.join(', ')}. It is closed here: ${why}.`,
      `Straight to ${titleOfRelease(to.series, rules)}${hop.crosses ? ` together with ${hop.codenames.to}` : ''} is possible, and nobody supports it: what the releases between would have moved or refused is not looked at, all services stop together, computes included, and ${hop.crosses ? 'hosts have no rollback but their snapshots' : 'the rollback is the dump'}.`,
    ].join('\n'),
    {
      name: 'UnsupportedHop',
      hint: 'Make the packages of the supported upgrade path reachable (services.packages.archive), or take the risk: add --unsupported to the line. Its plan says which gates it trips; starting it takes a reason and the most approvals.',
    },
  );
}
