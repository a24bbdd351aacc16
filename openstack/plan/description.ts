import { crosses, isCombined } from '../path/distribution-path.ts';
import { gateNotes } from './gate-notes.ts';
import { openEndNotes } from './open-ends.ts';
import { knownIssues } from '../path/known-issues.ts';
import { type Context, hostsOfPart, movedHosts } from './context.ts';
import type { Hop } from '../path/path.ts';
import { titleOf } from '../knowledge/series.ts';
import { risksOf, type Wish } from '../path/unsupported.ts';

/** `Upgrade lab from Zed to Epoxy (only keystone)`, for the card. */
export const titleFor = ({ cloud, hops }: Context, only?: readonly string[]): string => {
  const stops = stopsOf(hops);
  const what = only === undefined ? '' : ` (only ${only.join(', ')})`;
  return `Upgrade ${cloud.name} from ${stops[0] ?? ''} to ${stops.at(-1) ?? ''}${what}`.slice(
    0,
    150,
  );
};

/** The road, its risks and what is known about each hop. */
export function descriptionOf(context: Context, wish: Wish): string {
  const { hops, chosen } = context;
  const names = chosen.map(({ known }) => known.name);
  return [
    `Upgrade path: ${stopsOf(hops).join(', ')}. Services: ${names.join(', ')}.`,
    ...neighbours(context),
    ...hops.flatMap((hop) => [...risksOf(context, hop, wish), ...movedTogether(hop)]),
    ...openEndNotes(context, hops),
    ...knownOf(context),
  ].join('\n');
}

/** What is known about all hops of a road stands there once. */
function knownOf(context: Context): string[] {
  const hops = context.hops
    .filter((hop) => hop.from !== hop.to)
    .map((hop) => ({ hop, issues: issuesOn(context, hop) }));
  const [first, ...others] = hops;
  const shared =
    others.length === 0
      ? []
      : (first?.issues ?? []).filter((issue) =>
          others.every(({ issues }) => issues.includes(issue)),
        );
  return [
    ...issueLines('Known about each hop:', shared),
    ...hops.flatMap(({ hop, issues }) =>
      issueLines(
        `Known about ${titleOf(hop.from)} to ${titleOf(hop.to)}${shared.length === 0 ? '' : ', besides'}:`,
        issues.filter((issue) => !shared.includes(issue)),
      ),
    ),
  ];
}

const issueLines = (title: string, issues: readonly string[]): string[] =>
  issues.length === 0 ? [] : [title, ...issues.map((issue) => `- ${issue}`)];

/** What to know before the hop is approved. */
export const notesOn = (context: Context, hop: Hop, wish: Wish): string[] => [
  ...risksOf(context, hop, wish),
  ...movedTogether(hop),
  ...openEndNotes(context, [hop]),
  ...gateNotes(context, hop),
  ...(hop === context.hops[0] ? neighbours(context) : []),
  ...issuesOn(context, hop),
];

/** `Zed, Antelope`; with the distribution's releases where they change: `Zed on bookworm, Epoxy on trixie`. */
function stopsOf(hops: readonly Hop[]): string[] {
  const [first] = hops;
  const moves = hops.some(crosses);
  const said = (series: Hop['to'], codename: string | undefined): string =>
    moves && codename !== undefined ? `${titleOf(series)} on ${codename}` : titleOf(series);
  return first === undefined
    ? []
    : [
        said(first.from, first.codenames?.from),
        ...hops.map(({ to, codenames }) => said(to, codenames?.to)),
      ];
}

const movedTogether = (hop: Hop): string[] =>
  isCombined(hop)
    ? [
        `${titleOf(hop.to)} and ${hop.codenames?.to ?? ''} come in one hop: no upgrade path that is open here changes only one of them.`,
      ]
    : [];

const issuesOn = ({ knowledge, chosen, services }: Context, hop: Hop): string[] =>
  knownIssues(knowledge, hop, {
    services: chosen.map(({ known }) => known.name),
    codename: hop.codenames?.to ?? services.packages.codename,
  }).map(({ title, text, source }) => `${title}. ${text} [${source}]`);

/** Services that stay at their release beside upgraded ones share libraries with them. */
function neighbours(context: Context): string[] {
  const { services, chosen, knowledge } = context;
  const moved = movedHosts(context);
  const beside = Object.entries(services.openstack)
    .filter(([name]) => !chosen.some(({ known }) => known.name === name))
    .filter(([name, here]) => {
      const known = knowledge.services[name];
      return (
        known !== undefined &&
        Object.keys(here.parts).some((part) =>
          hostsOfPart(context, { known, here }, part).some((host) => moved.includes(host)),
        )
      );
    })
    .map(([name]) => name);
  return beside.length === 0
    ? []
    : [
        `Not upgraded, but on the same hosts: ${beside.join(', ')}. They load newer shared libraries at their next restart.`,
      ];
}
