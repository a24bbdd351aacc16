import { OperatorError, isErrorNamed } from '../../../handlers/contract/errors.ts';
import type { Knowledge } from '../../knowledge/knowledge.ts';
import { type ReleaseName, titleOfRelease } from '../../knowledge/releases.ts';
import { type Hop, hopOf, hopsFrom, movesWholeHosts } from '../../path/path.ts';
import type { CloudPlace, Trip } from '../deployment.ts';

/** What the hosts of a cloud run. */
interface State {
  readonly series: ReleaseName;
  readonly codename: string;
}

export type PathHop = Hop & { readonly codenames: NonNullable<Hop['codenames']> };

export interface PathRequest {
  readonly from: State;
  /** Without a codename: wherever the shortest path ends. */
  readonly to: { readonly series: ReleaseName; readonly codename?: string };
  readonly titles: Trip['titles'];
  /** The supported ones, whatever packages there are. */
  readonly hops: Trip['hops'];
  /** Whether the hosts reach the cloud archive or backports. */
  readonly hasArchive: boolean;
}

export type PathRules = Pick<Knowledge, 'series' | 'roads' | 'distributions' | 'ways'>;

/** The path from the releases that a cloud has: where its hosts find the packages of each hop. */
export function packagedPath(
  { from, to, titles, hops, codename, isUnsupported }: Trip,
  place: CloudPlace,
): PathHop[] {
  const { knowledge, facts } = place;
  const { codename: written, archive } = packageSource(place);
  return upgradePath(
    {
      from: { series: from, codename: codenameNow(written, facts.codename, knowledge) },
      to: { series: to, ...(codename !== undefined && { codename }) },
      titles,
      hops,
      hasArchive: archive !== 'none',
    },
    knowledge,
    isUnsupported,
  );
}

type Source = NonNullable<CloudPlace['services']['packages']>;

/** Where the packages of a cloud come from. Throws `BadServices` where its file says that another tool deploys it. */
export function packageSource({
  cloud,
  services: { packages },
}: Pick<CloudPlace, 'cloud' | 'services'>): Source {
  if (packages !== undefined) return packages;
  throw new OperatorError(
    `looking for where packages of cloud ${cloud.name} come from: its file does not say`,
    {
      name: 'BadServices',
      hint: `Say under services.packages in ${cloud.name}.yaml which release of the distribution its hosts have.`,
    },
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
    `looking for a straight way from ${trip.titles.from} to ${trip.titles.to}: no packages for it on ${trip.from.codename} or its next release`,
    { name: 'NotPackaged', hint: 'Leave out --unsupported: the supported upgrade path is open.' },
  );
}

/** One hop over everything, on the release of the distribution that is there or the one after it. */
function straight(
  { from, to, hops, hasArchive }: PathRequest,
  rules: PathRules,
): PathHop | undefined {
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
        leavesOut: hops.slice(0, -1).map((stop) => titleOfRelease(stop.to, rules)),
      });
}

/**
 * The release that hosts have: as they say, where that is one that the release in the cloud's file leads to. Pretend hosts
 * say what they are made of.
 */
export function codenameNow(written: string, found: string | undefined, rules: PathRules): string {
  for (let at: string | undefined = written; at !== undefined; at = nextCodename(at, rules))
    if (at === found) return at;
  return written;
}

/**
 * The shortest legal path, over releases of OpenStack and of the distribution; empty where it ends where it begins. Both move at once
 * only where nothing else leads on. Throws `NotPackaged` where packages are missing.
 */
export function shortestPath(trip: PathRequest, rules: PathRules): PathHop[] {
  const found = shortest(trip, rules);
  if (found !== undefined) return found;
  throw notPackaged(trip, rules);
}

interface Reached {
  readonly state: State;
  /** Moves of both at once, then moves. */
  readonly cost: readonly [combined: number, moves: number];
  readonly legs: readonly PathHop[];
}

function shortest({ from, to, hasArchive }: PathRequest, rules: PathRules): PathHop[] | undefined {
  const best = new Map<string, Reached>();
  let open: Reached[] = [{ state: from, cost: [0, 0], legs: [] }];
  for (let here = open.shift(); here !== undefined; here = open.shift()) {
    const { state, legs } = here;
    if (state.series === to.series && (to.codename ?? state.codename) === state.codename)
      return [...legs];
    const key = `${state.series} ${state.codename}`;
    if (best.has(key)) continue;
    best.set(key, here);
    const next = movesFrom(state, { rules, hasArchive, until: to.series }).map((leg) =>
      reachedBy(here, leg),
    );
    open = [...open, ...next].toSorted(({ cost: a }, { cost: b }) => a[0] - b[0] || a[1] - b[1]);
  }
  return undefined;
}

const reachedBy = ({ legs, cost: [combined, moves] }: Reached, leg: PathHop): Reached => ({
  state: { series: leg.to, codename: leg.codenames.to },
  cost: [combined + (leg.crosses && leg.from !== leg.to ? 1 : 0), moves + 1],
  legs: [...legs, leg],
});

interface Ground {
  readonly rules: PathRules;
  readonly hasArchive: boolean;
  /** Where the path ends. */
  readonly until: ReleaseName;
}

function movesFrom({ series, codename }: State, { rules, hasArchive, until }: Ground): PathHop[] {
  const has = (state: State): boolean => isPackaged(state, rules, hasArchive);
  const stay = { from: codename, to: codename };
  const next = movesWholeHosts(series, rules) ? nextCodename(codename, rules) : undefined;
  const cross = next === undefined ? undefined : { from: codename, to: next };
  const hops = hopsFrom(series, rules, until);
  return [
    ...hops
      .filter(({ to }) => has({ series: to, codename }))
      .map((hop) => hopOf({ ...hop, codenames: stay })),
    ...(cross !== undefined && has({ series, codename: cross.to })
      ? [hopOf({ from: series, to: series, rule: 'distribution', codenames: cross })]
      : []),
    ...(cross === undefined
      ? []
      : hops
          .filter(({ to }) => has({ series: to, codename: cross.to }))
          .map((hop) => hopOf({ ...hop, codenames: cross }))),
  ];
}

/** Whether hosts of a distribution release find packages of a release. */
function isPackaged(
  { series, codename }: State,
  { distributions }: Pick<PathRules, 'distributions'>,
  hasArchive: boolean,
): boolean {
  const known = distributions.distributions[codename];
  if (known === undefined) throw unknownCodename(codename, distributions);
  return known.own === series || (hasArchive && known.archive.includes(series));
}

/** The release that the distribution's own upgrade leads to. */
const nextCodename = (
  codename: string,
  { distributions }: Pick<PathRules, 'distributions'>,
): string | undefined => distributions.distributions[codename]?.next;

/** Which packages the supported path lacks: `packages of Bobcat for bookworm: there are none`. */
function missingPackages(
  { from, to, titles, hops, hasArchive }: PathRequest,
  rules: PathRules,
): string {
  const bare = hops.find(({ to: series }) => !isPackaged({ ...from, series }, rules, hasArchive));
  const missing = bare?.titles.to ?? titles.to;
  const archive = hasArchive ? '' : ' that these hosts reach';
  return `packages of ${missing} for ${to.codename ?? from.codename}: there are none${archive}`;
}

const notPackaged = (trip: PathRequest, rules: PathRules): OperatorError =>
  new OperatorError(`looking for ${missingPackages(trip, rules)}`, {
    name: 'NotPackaged',
    hint: trip.hasArchive
      ? 'Upgrade the operating system of the hosts first, with the OpenStack that both releases of it carry.'
      : 'services.packages.archive is none: let the hosts reach an archive with these packages, and name it there.',
  });

const unknownCodename = (
  codename: string,
  { distributions }: Knowledge['distributions'],
): OperatorError =>
  new OperatorError(
    `looking for distribution release ${codename}: not found; there are ${Object.keys(distributions).join(', ')}`,
    { name: 'UnknownDistribution', hint: 'Correct services.packages.codename in the cloud file.' },
  );

interface Refused {
  readonly hop: PathHop;
  readonly why: string;
}

function unsupportedHop(
  { from, to }: PathRequest,
  rules: PathRules,
  { hop, why }: Refused,
): OperatorError {
  const [start, end] = [from.series, to.series].map((name) => titleOfRelease(name, rules));
  const names = [start, ...(hop.leavesOut ?? []), end];
  return new OperatorError(
    [
      `looking for an upgrade path from ${hop.titles.from} to ${hop.titles.to}: OpenStack supports no single hop between them`,
      `The supported upgrade path is ${names.join(', ')}. It is closed here: ${why}.`,
      `Straight to ${end}${hop.crosses ? ` together with ${hop.codenames.to}` : ''} is possible, and nobody supports it: what the releases between would have moved or refused is not looked at, all services stop together, computes included, and ${hop.crosses ? 'hosts have no rollback but their snapshots' : 'the rollback is the dump'}.`,
    ].join('\n'),
    {
      name: 'UnsupportedHop',
      hint: 'Make the packages of the supported upgrade path reachable (services.packages.archive), or take the risk: add --unsupported to the line. Its plan says which gates it trips; starting it takes a reason and the most approvals.',
    },
  );
}
