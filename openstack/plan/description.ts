import { knownOfHop, type KnownOfHop, uncertainOfPath } from './known-of-hop.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import { type PlanContext, isOnHost } from './context.ts';
import type { Hop } from '../path/path.ts';
import { releaseTitle, statusOn } from '../knowledge/releases.ts';
import { unnamedNotes } from './unnamed.ts';
import type { PlanWish } from '../path/unsupported.ts';

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

export function planWords(
  context: PlanContext,
  planned: readonly PlannedHop[],
  asked: Asked,
): PlanWords {
  const hops = planned.map((one) => knownOfHop(one, asked));
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

function overviewOf(
  context: PlanContext,
  told: readonly KnownOfHop[],
  { now = '' }: Asked,
): string[] {
  const { hops, chosen } = context;
  const names = chosen.map(({ known }) => known.name);
  return [
    `Upgrade path: ${stopsOf(hops).join(', ')}. Services: ${names.join(', ')}.`,
    ...maintenance(context, now),
    ...neighbours(context),
    ...told.flatMap(({ mix, risks }) => [...mix, ...risks]),
    ...uncertainOfPath(context),
  ];
}

/** What is known about each hop, under headings; what is known about all of them stands there once. */
function knownAboutHops(told: readonly KnownOfHop[]): string[] {
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
function hopNotes(known: KnownOfHop, { isPartial }: PlanWish): string[] {
  const { planned } = known;
  const { context, hop } = planned;
  return [
    ...known.risks,
    ...known.way,
    ...known.uncertain,
    ...known.gates,
    ...known.mix,
    ...planned.deployment.notes(planned),
    ...(hop === context.hops[0] ? neighbours(context) : []),
    ...(isPartial || planned.deployment.strategies.whole !== 'by host'
      ? []
      : unnamedNotes(context)),
    ...known.issues,
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
  const beside = context.beside
    .filter((one) => context.moved.some((host) => isOnHost(one, host)))
    .map(({ known }) => known.name);
  return beside.length === 0
    ? []
    : [
        `Not upgraded, but on the same hosts: ${beside.join(', ')}. They load newer shared libraries at their next restart.`,
      ];
}
