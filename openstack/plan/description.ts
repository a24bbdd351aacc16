import { type KnownOfHop, type KnownOfPlan, knownOfPlan } from './known-of-plan.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import type { PlanContext } from './context.ts';
import type { Hop } from '../path/path.ts';
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
  const known = knownOfPlan(context, planned, asked);
  const overview = overviewOf(context, known);
  return {
    title: titleOf(context, asked.only),
    description: [...overview, ...knownAboutHops(known.hops)].join('\n'),
    overview,
    notes: known.hops.map((one, at) => hopNotes(one, at === 0 ? known.neighbours : [], asked)),
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

function overviewOf({ hops, chosen }: PlanContext, known: KnownOfPlan): string[] {
  const names = chosen.map((one) => one.known.name);
  return [
    `Upgrade path: ${stopsOf(hops).join(', ')}. Services: ${names.join(', ')}.`,
    ...known.maintained,
    ...known.neighbours,
    ...known.hops.flatMap(({ mix, risks }) => [...mix, ...risks]),
    ...known.uncertain,
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
function hopNotes(
  known: KnownOfHop,
  neighbours: readonly string[],
  { isPartial }: PlanWish,
): string[] {
  const { planned } = known;
  return [
    ...known.risks,
    ...known.way,
    ...known.uncertain,
    ...known.gates,
    ...known.mix,
    ...planned.deployment.notes(planned),
    ...neighbours,
    ...(isPartial || planned.deployment.strategies.whole !== 'by host'
      ? []
      : unnamedNotes(planned.context)),
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
