import { fewNames } from '../../handlers/words/counts.ts';
import { databasesOf } from '../cloud/databases.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import { isForHop } from '../knowledge/hop-span.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { releaseTitle, statusOn } from '../knowledge/releases.ts';
import { type KnownIssue, schemaEnds, type SchemaHead } from '../knowledge/schemas.ts';
import type { Hop } from '../path/path.ts';
import { unsupportedRisks, type PlanWish } from '../path/unsupported.ts';
import type { PlanContext } from './context.ts';

/** What is said of a plan before anybody approves it. */
export interface KnownOfPlan {
  /** Until when the release that it ends at is maintained. */
  readonly maintained: readonly string[];
  /** Which services stay on hosts that are upgraded. */
  readonly neighbours: readonly string[];
  /** What is not certain of all hops together, and which checks they leave out. */
  readonly uncertain: readonly string[];
  readonly hops: readonly KnownOfHop[];
}

export interface KnownOfHop {
  readonly planned: PlannedHop;
  readonly risks: readonly string[];
  /** How hosts get their next release of the distribution. */
  readonly way: readonly string[];
  readonly uncertain: readonly string[];
  readonly gates: readonly string[];
  /** Which services end where, where not all at the same release. */
  readonly mix: readonly string[];
  readonly issues: readonly string[];
}

/** What whoever asks for a plan wants, and when. */
interface Asked extends PlanWish {
  readonly now?: string | undefined;
}

export const knownOfPlan = (
  context: PlanContext,
  planned: readonly PlannedHop[],
  asked: Asked,
): KnownOfPlan => ({
  hops: planned.map((one) => knownOfHop(one, asked)),
  neighbours: neighbours(context),
  uncertain: [...uncertainNotes(context, context.hops), ...brokenCheckNotes(context, context.hops)],
  maintained: maintenance(context, asked.now),
});

function knownOfHop(planned: PlannedHop, wish: PlanWish): KnownOfHop {
  const { context, hop } = planned;
  return {
    planned,
    risks: [...unsupportedRisks(context, hop, wish), ...movedTogether(hop)],
    way: distributionWay(context, hop),
    uncertain: uncertainNotes(context, [hop]),
    gates: gateNotes(context, hop),
    mix: [...aheadNotes(planned), ...archiveNotes(planned)],
    issues: issuesOn(planned),
  };
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

/** What people should have read before they approve a hop. */
const issuesOn = (planned: PlannedHop): string[] => [
  ...new Set(
    [...new Set(planned.all.map(({ hop }) => hop))].flatMap((hop) => issuesOnHop(planned, hop)),
  ),
];

const issuesOnHop = ({ context, all }: PlannedHop, hop: Hop): string[] =>
  knownIssues(context.knowledge, hop, {
    services: all.filter((one) => one.hop.to === hop.to).map(({ known }) => known.name),
    codename: hop.codenames?.to ?? context.services.packages?.codename,
  }).map(({ title, text, source }) => `${title}. ${text} [${source}]`);

interface Upgraded {
  readonly services: readonly string[];
  /** The distribution release that the hosts have once the hop is made. */
  readonly codename: string | undefined;
}

/** Those for a hop of these services. */
export function knownIssues(
  { issues, distributions }: Pick<Knowledge, 'issues' | 'distributions'>,
  hop: Pick<Hop, 'from' | 'to'>,
  { services, codename }: Upgraded,
): KnownIssue[] {
  const distribution =
    codename === undefined ? undefined : distributions.distributions[codename]?.distribution;
  return issues.filter(
    (issue) =>
      issue.services.some((service) => services.includes(service)) &&
      isForHop(issue.hops, hop) &&
      (issue.on === undefined || issue.on.some((on) => on === codename || on === distribution)),
  );
}

function aheadNotes({ context, all }: PlannedHop): string[] {
  const { done, facts, hops } = context;
  const ahead = all.flatMap(({ known: { name, title }, hop: { titles } }) =>
    facts.ahead[name] === undefined ? [] : [`${title} (${titles.to})`],
  );
  return [
    ...(ahead.length === 0
      ? []
      : [
          `Ahead already: ${ahead.join(', ')}. Their packages move with their hosts; their schemas are expected to be there, and are looked at.`,
        ]),
    ...done.map(
      (one) =>
        `Left as it is: ${one.known.title}. It is of ${hops[0]?.titles.to ?? ''} already, and apt brings nothing to ${fewNames(one.here.hosts, 5)}. It serves on, and no rollback changes it.`,
    ),
  ];
}

function archiveNotes({ context: { facts }, hop, all }: PlannedHop): string[] {
  const mixed = all.filter(
    (one) => facts.ahead[one.known.name] === undefined && one.hop.to !== hop.to,
  );
  if (mixed.length === 0) return [];
  const said = mixed.map((one) => `${one.known.title} goes to ${one.hop.titles.to}`);
  const others = all.filter((one) => !mixed.includes(one)).map(({ known }) => known.title);
  return [
    `The archive is of several releases, so this ends as a mix: ${said.join(', ')}${others.length === 0 ? '' : `, ${others.join(', ')} to ${hop.titles.to}`}. An upgrade path leads there for each of them. The next upgrade begins at one release: bring the rest there with "only" first.`,
  ];
}

/** What inspection has counted that stands in a hop's way, with what clears it and what one gets otherwise. */
const gateNotes = ({ knowledge, facts, chosen }: PlanContext, hop: Hop): string[] =>
  knowledge.gates
    .filter(({ service }) => chosen.some(({ known }) => known.name === service))
    .filter(({ hops }) => hop.from !== hop.to && isForHop(hops, hop))
    .flatMap(({ id, title, rows, before, otherwise, source }) => {
      const count = facts.blocked[id] ?? 0;
      return count === 0
        ? []
        : [`${title}: ${count} ${rows?.what ?? ''}. ${before} Otherwise: ${otherwise} [${source}]`];
    });

/** What is not certain of these hops. */
const uncertainNotes = (context: PlanContext, hops: readonly Hop[]): string[] => [
  ...openEndNotes(context, hops),
  ...unverifiedNotes(context, hops),
];

/** Where the data does not say for certain how a schema ends that these hops lead on: both ends, and why both. */
const openEndNotes = (context: PlanContext, hops: readonly Hop[]): string[] =>
  hops
    .filter(({ from, to }) => from !== to)
    .flatMap(({ to, titles }) =>
      [...openEnds(context, to)].map(
        ([said, names]) => `${titles.to}: ${names.join(', ')}: ${said}`,
      ),
    );

/** Databases with the same ends together: every cell's is nova's own. */
function openEnds(
  { knowledge, ...context }: PlanContext,
  series: Hop['to'],
): Map<string, string[]> {
  const said = new Map<string, string[]>();
  for (const { database } of databasesOf(context)) {
    const head = knowledge.heads[database]?.heads[series];
    if (head?.or === undefined) continue;
    said.set(sayEnds(head), [...(said.get(sayEnds(head)) ?? []), database]);
  }
  return said;
}

function sayEnds(head: SchemaHead): string {
  const ends = schemaEnds(head).map((end) => `at ${end.join(' and ')}`);
  return `the schema ends ${ends.join(', or ')}: which one is not certain. The sync may end at either; its output says which. [${head.source}]`;
}

/** Services whose packages no archive was to be read for, by the release that a hop leads to. */
const unverifiedNotes = (context: PlanContext, hops: readonly Hop[]): string[] => {
  const { distributions } = context.knowledge.distributions;
  return hops.flatMap(({ to, titles, codenames }) => {
    const codename = codenames?.to ?? context.services.packages?.codename;
    const distribution = codename === undefined ? undefined : distributions[codename]?.distribution;
    const names = context.chosen
      .filter(({ known }) => known.series[to]?.unverified?.some((one) => one === distribution))
      .map(({ known }) => known.title);
    return names.length === 0
      ? []
      : [
          `${titles.to} on ${codename}: not verified by its archive: ${names.join(', ')}. Their packages and units are taken to be as in a release beside it.`,
        ];
  });
};

/** Checks of services that are not asked, since in their release they fail by themselves; each once. */
const brokenCheckNotes = ({ chosen }: PlanContext, hops: readonly Hop[]): string[] => {
  const releases = new Map(
    hops.flatMap(({ from, to, titles }) =>
      from === to
        ? []
        : ([
            [from, titles.from],
            [to, titles.to],
          ] as const),
    ),
  );
  return [...releases].flatMap(([release, title]) =>
    chosen.flatMap(({ known }) => {
      const check = known.series[release]?.upgradeCheck;
      return check?.broken === undefined
        ? []
        : [
            `${check.run.join(' ')} of ${title} is left out: ${check.broken}. [${known.series[release]?.source ?? ''}]`,
          ];
    }),
  );
};

/** Until when the release that the upgrade ends at is maintained, as its project's list of releases says. */
function maintenance({ hops, knowledge }: PlanContext, now = ''): string[] {
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
    .filter((one) => context.moved.some((host) => one.here.hosts.includes(host)))
    .map(({ known }) => known.name);
  return beside.length === 0
    ? []
    : [
        `Not upgraded, but on the same hosts: ${beside.join(', ')}. They load newer shared libraries at their next restart.`,
      ];
}
