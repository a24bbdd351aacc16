import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command, UserName, Words } from './command.ts';
import { count, countShell, readCounts, type Count } from './counted-rows.ts';
import { OperatorError } from './errors.ts';
import { defineHandler } from './handler.ts';
import {
  Program,
  programShell,
  sayProgram,
  seriesOf,
  servicesWithSeries,
  titled,
} from './installed-program.ts';
import {
  CountQuery,
  DatabaseName,
  DefaultsFile,
  revisionShell,
  script,
  sqlShell,
} from './mysql.ts';
import { areSame, Heads, headsOf, readRevisions, Revision, sayHeads } from './schema-revision.ts';

const Blocking = z.strictObject({
  database: DatabaseName.describe('The database that is asked.'),
  query: CountQuery.describe('A read-only SELECT of one number.'),
  what: z.string().min(1).describe('What it counts, in plain words.'),
  missing: z.string().min(1).describe('The step that was not done while rows are left.'),
});

export const SchemaSync = z.strictObject({
  defaultsFile: DefaultsFile,
  service: z
    .string()
    .refine((name) => servicesWithSeries.includes(name), {
      error: `expected one of ${servicesWithSeries.join(', ')}: of others no version tells the series`,
    })
    .describe('The service, by which the version of its programs tells their series.'),
  database: DatabaseName.describe('The database whose schema is changed.'),
  run: Words.describe('The sync command, a word an entry. Nothing else runs.'),
  user: UserName.describe('The user it runs as.'),
  series: z.string().min(1).describe('The series whose programs must be installed.'),
  from: z.array(Heads).describe('The revisions it may start from.'),
  resume: z
    .strictObject({
      from: z.int().describe('The first such revision.'),
      to: z.int().describe('The last such revision.'),
    })
    .refine(({ from, to }) => from <= to, 'ends before it begins')
    .optional()
    .describe('Revisions of a sync that was stopped, which this one may go on from.'),
  to: Heads.describe('The revisions it leads to.'),
  blocking: z.array(Blocking).describe('What must be 0 before the sync may begin.'),
});
type Params = z.infer<typeof SchemaSync>;

const Found = z.strictObject({
  program: Program,
  revisions: z.array(Revision),
  /** null: there is no such database. */
  heads: Heads.nullable(),
  blocking: z.array(count),
});
type Found = z.infer<typeof Found>;

/**
 * Runs the schema sync of a service, from a revision that it may begin at and with nothing left that it would stop at. The
 * exit code alone proves nothing: the version table has to say so too. No project leads a schema back, so what puts it back
 * is the undo of the `database-backup` step of the run, which comes later on the way back; its own undo has nothing to run.
 */
export const schemaSync = defineHandler({
  kind: 'schema-sync',
  params: SchemaSync,
  before: Found,
  timeoutMs: 4 * 60 * 60_000,
  probeTimeoutMs: 10 * 60_000,
  exit: () => 'restorable',
  probe: ({ defaultsFile, database, user, run, blocking }) => [
    script(lookScript, [
      defaultsFile,
      database,
      user,
      run[0] ?? '',
      ...blocking.flatMap((one) => [one.database, one.query]),
    ]),
  ],
  parse: ([output], params) => {
    const lines = (output?.stdout ?? '').split('\n').map((line) => line.split('\t'));
    const of = (kind: string) =>
      lines.filter(([first]) => first === kind).map((line) => line.slice(1));
    const [path = '', from = '', version = ''] = of('program')[0] ?? [];
    const revisions = readRevisions(of('revision').map((line) => line.slice(1)));
    const names = [params.database, params.service];
    const heads = headsOf(revisions, names) ?? revisions.map(sayRevision);
    return {
      program: { path, package: from, version },
      revisions,
      heads: of('absent').length > 0 ? null : heads,
      blocking: readCounts(of('count'), params.blocking.length),
    };
  },
  isDone: (params, found, before) => {
    if (found.heads !== null && areSame(found.heads, params.to)) return true;
    if (before !== undefined) throw notThere(params, found);
    refuseRevision(params, found);
    refuseRows(params, found.blocking);
    refuseProgram(params, found.program);
    return false;
  },
  apply: ({ run, user }) => [command(run, { as: user })],
  undo: (params, before, now) =>
    isDeepStrictEqual(before.heads, now.heads)
      ? []
      : [
          command([
            'echo',
            `Nothing is run here: ${params.database} stays at revision ${sayFound(now)} until the dump of this run is restored, which puts back ${sayFound(before)}.`,
          ]),
        ],
  // What it left is for the restore to put back, and for the restore to prove.
  isRestored: () => true,
  changes: (params, before) =>
    [
      `${params.database}: revision ${sayFound(before)} -> ${sayHeads(params.to)}`,
      sayProgram(before.program, params.service, params.run[0] ?? ''),
    ].join('\n'),
});

const lookScript = `what=schema-sync login=$1 database=$2 user=$3 program=$4; shift 4
${sqlShell}${revisionShell}${programShell}${countShell}program_line "$user" "$program"
has=$(sql -e "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = \\"$database\\"") || exit 1
[ "$has" = 1 ] || { echo absent; exit 0; }
questions=$(revision_questions "$database" "$database") || exit 1
sql -e "SELECT 1 WHERE 0; $questions" || exit 1
while [ $# -gt 0 ]; do
  count_line "$1" "$2"
  shift 2
done
`;

const doing = ({ service, database, series }: Params): string =>
  `syncing the schema of ${service} (database ${database}) for ${titled(series)}`;

const sayFound = ({ heads }: Pick<Found, 'heads'>): string =>
  heads === null ? 'there is no such database' : sayHeads(heads);

const number = (heads: Heads): number | undefined =>
  heads.length === 1 && /^\d+$/.test(heads[0] ?? '') ? Number(heads[0]) : undefined;

function refuseRevision(params: Params, { heads, blocking }: Found): void {
  const { database, from, resume, to } = params;
  if (heads === null)
    throw new OperatorError(`${doing(params)}: there is no such database on this server`, {
      name: 'SchemaRefused',
      hint: 'Correct the name, or make the database in an earlier step.',
    });
  const at = number(heads);
  if (from.some((one) => areSame(one, heads))) return;
  if (resume !== undefined && at !== undefined && at >= resume.from && at <= resume.to) return;
  const end = number(to);
  const start = Math.min(...from.map((one) => number(one) ?? Number.NaN));
  const allowed = [
    ...from.map(sayHeads),
    ...(resume === undefined ? [] : [`${resume.from} to ${resume.to}, where it was stopped`]),
  ].join(', or ');
  const [state, hint] =
    at !== undefined && end !== undefined && at > end
      ? [
          'a later series has changed it already, and no program leads a schema back',
          `Go on with the later series' programs, or restore the database from a dump made before. Do not run ${params.run.join(' ')} on it.`,
        ]
      : at !== undefined && at < start
        ? [
            'the sync of a series in between is missing',
            [
              `First run the sync that leads ${database} to ${from.map(sayHeads).join(' or ')}, with the programs of that series.`,
              ...blocking
                .flatMap(({ rows }, index) => (rows === 0 ? [] : [params.blocking[index]?.missing]))
                .map((missing) => `Then: ${missing}.`),
            ].join(' '),
          ]
        : [
            'no series on this road knows that state',
            'Find out which programs changed it last; then go on with theirs, or restore the database from a dump.',
          ];
  throw new OperatorError(
    `${doing(params)}: it is at revision ${sayHeads(heads)}, and the sync may begin from ${allowed}: ${state}`,
    { name: 'SchemaRefused', hint },
  );
}

function refuseRows(params: Params, counts: readonly Count[]): void {
  params.blocking.forEach(({ what, missing }, index) => {
    const { rows = null, error = 'it was not counted' } = counts[index] ?? {};
    if (rows === 0) return;
    throw new OperatorError(
      rows === null
        ? `${doing(params)}: counting ${what}: ${error}`
        : `${doing(params)}: ${rows} ${what}: the sync would stop half-way`,
      { name: 'SchemaRefused', hint: `First: ${missing}.` },
    );
  });
}

export function refuseProgram(
  params: Pick<Params, 'service' | 'series' | 'run'> & { readonly doing?: string },
  program: Program,
): void {
  const { service, series, run, doing: what } = params;
  if (program.path !== '' && seriesOf(service, program.version) === series) return;
  throw new OperatorError(
    `${what ?? `syncing the schema of ${service} for ${titled(series)}`}: it needs a program of ${titled(series)}, but found is: ${sayProgram(program, service, run[0] ?? '')}`,
    {
      name: 'WrongProgram',
      hint: `Install ${service} of ${titled(series)} first, or name the program of ${titled(series)} by its path.`,
    },
  );
}

const notThere = (params: Params, found: Found): OperatorError =>
  new OperatorError(
    `${doing(params)}: the command ended well, but the schema is at ${sayFound(found)} and not at ${sayHeads(params.to)}`,
    { name: 'SchemaNotThere', hint: 'Look at the output of the command for where it stopped.' },
  );

const sayRevision = ({ repository, revision }: Revision): string => `${repository} ${revision}`;
