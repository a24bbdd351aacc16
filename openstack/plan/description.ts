import { brokenCheckNotes, gateNotes, issuesOn, mixNotes, uncertainNotes } from './known-of-hop.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import { type PlanContext, isOnHost, servicesBeside } from './context.ts';
import type { Hop } from '../path/path.ts';
import { releaseTitle, statusOn } from '../knowledge/releases.ts';
import { unnamedNotes } from './unnamed.ts';
import { unsupportedRisks, type PlanWish } from '../path/unsupported.ts';

/** What people read of a plan before its steps. */
export interface PlanWords {
  /** `Upgrade lab from Zed to Epoxy (only keystone)`, for the card. */
  readonly title: string;
  readonly description: string;
  /** The upgrade path and its risks, a line each: the beginning of the description. */
  readonly overview: readonly string[];
  /** What to know before each hop is approved. */
  readonly notes: readonly (readonly string[])[];
}

interface Asked extends PlanWish {
  readonly only?: readonly string[] | undefined;
  readonly now?: string | undefined;
}

/** What is said of a hop in more places than one. */
interface ToldHop {
  readonly planned: PlannedHop;
  readonly mix: readonly string[];
  readonly risks: readonly string[];
  readonly issues: readonly string[];
}

export function planWords(
  context: PlanContext,
  planned: readonly PlannedHop[],
  asked: Asked,
): PlanWords {
  const hops = planned.map((one): ToldHop => ({
    planned: one,
    mix: mixNotes(one),
    risks: [...unsupportedRisks(context, one.hop, asked), ...movedTogether(one.hop)],
    issues: issuesOn(one),
  }));
  const overview = overviewOf(context, hops, asked);
  return {
    title: titleOf(context, asked.only),
    description: [...overview, ...knownAboutHops(hops)].join('\n'),
    overview,
    notes: hops.map((one) => hopNotes(one, asked)),
  };
}

function titleOf({ cloud, hops }: PlanContext, only?: readonly string[]): string {
  const stops = stopsOf(hops);
  const what = only === undefined ? '' : ` (only ${only.join(', ')})`;
  return `Upgrade ${cloud.name} from ${stops[0] ?? ''} to ${stops.at(-1) ?? ''}${what}`.slice(
    0,
    150,
  );
}

function overviewOf(context: PlanContext, told: readonly ToldHop[], { now = '' }: Asked): string[] {
  const { hops, chosen } = context;
  const names = chosen.map(({ known }) => known.name);
  return [
    `Upgrade path: ${stopsOf(hops).join(', ')}. Services: ${names.join(', ')}.`,
    ...maintenance(context, now),
    ...neighbours(context),
    ...told.flatMap(({ mix, risks }) => [...mix, ...risks]),
    ...uncertainNotes(context, hops),
    ...brokenCheckNotes(context, hops),
  ];
}

/** What is known about each hop, under headings; what is known about all of them stands there once. */
function knownAboutHops(told: readonly ToldHop[]): string[] {
  const hops = told.filter(({ planned: { hop } }) => hop.from !== hop.to);
  const [first, ...others] = hops;
  const shared =
    others.length === 0
      ? []
      : (first?.issues ?? []).filter((issue) =>
          others.every(({ issues }) => issues.includes(issue)),
        );
  return [
    ...issueLines('Known about each hop:', shared),
    ...hops.flatMap(({ planned: { hop }, issues }) =>
      issueLines(
        `Known about ${hop.titles.from} to ${hop.titles.to}${shared.length === 0 ? '' : ', besides'}:`,
        issues.filter((issue) => !shared.includes(issue)),
      ),
    ),
  ];
}

const issueLines = (title: string, issues: readonly string[]): string[] =>
  issues.length === 0 ? [] : [title, ...issues.map((issue) => `- ${issue}`)];

/** What to know before the hop is approved. */
function hopNotes({ planned, mix, risks, issues }: ToldHop, { isPartial }: PlanWish): string[] {
  const { context, hop } = planned;
  return [
    ...risks,
    ...distributionWay(context, hop),
    ...uncertainNotes(context, [hop]),
    ...gateNotes(context, hop),
    ...mix,
    ...planned.deployment.notes(planned),
    ...(hop === context.hops[0] ? neighbours(context) : []),
    ...(isPartial || planned.deployment.strategies.whole !== 'by host'
      ? []
      : unnamedNotes(context)),
    ...issues,
  ];
}

/** `Zed, Antelope`; with the distribution's releases where they change: `Zed on bookworm, Epoxy on trixie`. */
function stopsOf(hops: readonly Hop[]): string[] {
  const [first] = hops;
  const moves = hops.some(({ crosses }) => crosses);
  const said = (title: string, codename: string | undefined): string =>
    moves && codename !== undefined ? `${title} on ${codename}` : title;
  return first === undefined
    ? []
    : [
        said(first.titles.from, first.codenames?.from),
        ...hops.map(({ titles, codenames }) => said(titles.to, codenames?.to)),
      ];
}

const movedTogether = (hop: Hop): string[] =>
  hop.crosses && hop.from !== hop.to
    ? [
        `${hop.titles.to} and ${hop.codenames?.to ?? ''} come in one hop: no upgrade path that is open here changes only one of them.`,
      ]
    : [];

/** Ubuntu's own program for its next release is not what the plan runs. */
function distributionWay({ knowledge }: PlanContext, hop: Hop): string[] {
  const codename = hop.codenames?.to ?? '';
  const known = knowledge.distributions.distributions[codename];
  return !hop.crosses || known?.distribution !== 'ubuntu'
    ? []
    : [
        `Hosts get ${codename} by rewritten sources and apt full-upgrade, not by do-release-upgrade: that one asks questions, restarts services as it goes and cannot be stopped between packages and schemas. What it does besides is left to you: its quirks for single packages, and the removal of obsolete ones. [ubuntu-release-upgrader: DistUpgrade/DistUpgradeController.py, DistUpgradeQuirks.py]`,
      ];
}

/** Until when the release that the upgrade ends at is maintained, as its project's list of releases says. */
function maintenance({ hops, knowledge }: PlanContext, now: string): string[] {
  const target = hops.at(-1)?.to;
  const known = knowledge.series.find(({ name }) => name === target);
  if (known?.endOfLife === undefined) return [];
  const isOver = ['unmaintained', 'end of life'].includes(statusOn(known, now));
  return [
    `${releaseTitle(known)} is ${isOver ? 'unmaintained since' : 'maintained until'} ${known.endOfLife}.`,
  ];
}

/** Services that stay at their release beside upgraded ones share libraries with them. */
function neighbours(context: PlanContext): string[] {
  const beside = servicesBeside(context, context.chosen)
    .filter((one) => context.moved.some((host) => isOnHost(one, host)))
    .map(({ known }) => known.name);
  return beside.length === 0
    ? []
    : [
        `Not upgraded, but on the same hosts: ${beside.join(', ')}. They load newer shared libraries at their next restart.`,
      ];
}
