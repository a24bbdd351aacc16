import { OperatorError } from '../../handlers/contract/errors.ts';
import { nearestWord } from '../../jobs/files/nearest.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import {
  compareReleases,
  type KnownRelease,
  type ReleaseName,
  releaseNameTitle,
} from '../knowledge/releases.ts';

interface HopEnds {
  readonly from: ReleaseName;
  readonly to: ReleaseName;
  /** The rule that allows it. */
  readonly rule: string;
  /** The distribution release of the hosts before and after it; unset: the cloud's, which stays. */
  readonly codenames?: { readonly from: string; readonly to: string };
  /** Of a hop that nobody supports: the releases that it leaves out, for people. */
  readonly leavesOut?: readonly string[];
}

/** A hop, with what follows from its ends: made by `hopOf`, also where another one is its beginning. */
export interface Hop extends HopEnds {
  /** For people: `Juno` and `Kilo`. */
  readonly titles: { readonly from: string; readonly to: string };
  /** How many releases it leads on. */
  readonly releases: number;
  /** Whether hosts get another release of their distribution. */
  readonly crosses: boolean;
  /** What ids of its steps begin with: the release that it leads to, or the distribution release where only that moves. */
  readonly mark: string;
}

export function hopOf<T extends HopEnds>(ends: T): T & Hop {
  const { from, to, codenames } = ends;
  return {
    ...ends,
    titles: { from: releaseNameTitle(from), to: releaseNameTitle(to) },
    releases: compareReleases(to, from),
    crosses: codenames !== undefined && codenames.from !== codenames.to,
    mark: from === to ? (codenames?.to ?? to) : to,
  };
}

/** Whether hops from this release move whole hosts, as the `ways` say. */
export const movesWholeHosts = (series: ReleaseName, { ways }: Pick<Knowledge, 'ways'>): boolean =>
  ways.findLast(({ since }) => compareReleases(since, series) <= 0)?.way === 'hosts';

type RoadRules = Pick<Knowledge, 'series' | 'roads'>;

/** The way from one release to another. */
export interface ReleasePath {
  readonly from: ReleaseName;
  readonly to: ReleaseName;
  /** For people: `Juno` and `Liberty`. */
  readonly titles: Hop['titles'];
  /** The shortest legal ones, a hop a release that has to be passed; empty when the target is the start. */
  readonly hops: readonly Hop[];
}

/** Releases are named by code name or release number. Throws `UnknownRelease`, `NoDowngrade` or `NoUpgradePath`. */
export function releasePath(start: string, target: string, rules: RoadRules): ReleasePath {
  const from = releaseNamed(start, rules.series);
  const to = releaseNamed(target, rules.series);
  const titles = { from: releaseNameTitle(from), to: releaseNameTitle(to) };
  if (compareReleases(from, to) > 0) throw noWayBack(titles);
  const arrivals = new Map<ReleaseName, Hop | undefined>([[from, undefined]]);
  // A map hands out what is added while it is read, so this walks outwards, nearest first.
  for (const [here] of arrivals) {
    for (const hop of hopsFrom(here, rules, to))
      if (!arrivals.has(hop.to)) arrivals.set(hop.to, hop);
  }
  if (!arrivals.has(to)) throw noRoad(titles);
  const hops: Hop[] = [];
  for (let hop = arrivals.get(to); hop !== undefined; hop = arrivals.get(hop.from))
    hops.unshift(hop);
  return { from, to, titles, hops };
}

/** Whether one hop may lead from one release straight to the other. */
export const isLegalHop = (from: ReleaseName, to: ReleaseName, rules: RoadRules): boolean =>
  hopsFrom(from, rules).some((hop) => hop.to === to);

/** Whether a release lies no further than the furthest single hop from what is installed. Nothing installed: it may. */
export function isInNextHop(
  release: ReleaseName,
  installed: readonly ReleaseName[],
  rules: RoadRules,
): boolean {
  const [oldest] = installed.toSorted(compareReleases);
  if (oldest === undefined) return true;
  return hopsFrom(oldest, rules).some(({ to }) => compareReleases(release, to) <= 0);
}

/** The release that a word means: `liberty`, `Liberty` or `2024.1`. Throws `UnknownRelease` with the list. */
export function releaseNamed(word: string, series: readonly KnownRelease[]): ReleaseName {
  const wanted = word.trim().toLowerCase();
  const found = series.find(({ name, release }) => name === wanted || release === wanted);
  if (found !== undefined) return found.name;
  const known = series.flatMap(({ name, release }) => [name, ...(release ? [release] : [])]);
  const meant = nearestWord(wanted, known);
  const shown = JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
  const list = series.map(({ name, release }) => (release ? `${name} (${release})` : name));
  throw new OperatorError(`looking for release ${shown}: not found; there are ${list.join(', ')}`, {
    name: 'UnknownRelease',
    hint: meant === undefined ? 'Use one of these names.' : `Did you mean ${meant}?`,
  });
}

/** The legal hops from a release, none beyond `until`. */
export function hopsFrom(
  from: ReleaseName,
  { series, roads }: RoadRules,
  until?: ReleaseName,
): Hop[] {
  const index = series.findIndex(({ name }) => name === from);
  const here = series[index];
  const later = series.slice(index + 1);
  return roads.flatMap(({ id, step, since }) => {
    if (here === undefined || compareReleases(from, since) < 0) return [];
    if (step === 'slurp' && !here.slurp) return [];
    const next = step === 'next' ? later[0] : later.find(({ slurp }) => slurp);
    if (until !== undefined && next !== undefined && compareReleases(next.name, until) > 0)
      return [];
    return next === undefined ? [] : [hopOf({ from, to: next.name, rule: id })];
  });
}

const noWayBack = ({ from, to }: Hop['titles']): OperatorError =>
  new OperatorError(`looking for an upgrade path from ${from} to ${to}: it leads back`, {
    name: 'NoDowngrade',
    hint: 'A schema never goes back. To undo an upgrade, roll its run back.',
  });

const noRoad = ({ from, to }: Hop['titles']): OperatorError =>
  new OperatorError(`looking for an upgrade path from ${from} to ${to}: there is none`, {
    name: 'NoUpgradePath',
    hint: 'No rule in openstack/knowledge/data/hop-rules.yaml leads there.',
  });
