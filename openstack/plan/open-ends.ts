import { databasesOf } from '../cloud/databases.ts';
import type { PlanContext } from './context.ts';
import type { Hop } from '../path/path.ts';
import { schemaEnds, type SchemaHead } from '../knowledge/schemas.ts';

/** What is not certain of these hops. */
export const uncertainNotes = (context: PlanContext, hops: readonly Hop[]): string[] => [
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
export const brokenCheckNotes = ({ chosen }: PlanContext, hops: readonly Hop[]): string[] => {
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
