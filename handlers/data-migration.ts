import { z } from 'zod';
import { command, OkExits, UserName, Words } from './command.ts';
import { count, countShell, readCounts } from './counted-rows.ts';
import { OperatorError } from './errors.ts';
import { defineHandler } from './handler.ts';
import { Program, programShell, sayProgram, servicesWithSeries } from './installed-program.ts';
import { CountQuery, DatabaseName, DefaultsFile, script, sqlShell } from './mysql.ts';
import { refuseProgram } from './schema-sync.ts';

export const DataMigration = z
  .strictObject({
    defaultsFile: DefaultsFile,
    service: z.string().min(1).describe('The service whose data is moved.'),
    run: Words.describe('The command line of one round, a word an entry.'),
    user: UserName.describe('The user it runs as.'),
    series: z.string().min(1).optional().describe('The series whose programs it needs.'),
    okExits: OkExits.optional().describe('Exit codes that mean success. Default: [0].'),
    remaining: z
      .strictObject({
        database: DatabaseName.describe('The database that is asked.'),
        query: CountQuery.describe('A read-only SELECT of one number.'),
        what: z.string().min(1).describe('What it counts, in plain words.'),
      })
      .describe('What is left, counted before, between and after; the step is done at 0.'),
    maxRounds: z.int().min(1).max(10_000).describe('After so many rounds the step gives up.'),
  })
  .refine(({ series, service }) => series === undefined || servicesWithSeries.includes(service), {
    message: `says a series, which the versions of ${servicesWithSeries.join(', ')} alone tell`,
    path: ['series'],
  });
type Params = z.infer<typeof DataMigration>;

/**
 * Moves data in rounds until nothing is left. A round that moves nothing ends it, and so does the last allowed one. What
 * puts the data back is the undo of the `database-backup` step of the run; its own undo has nothing to run.
 */
export const dataMigration = defineHandler({
  kind: 'data-migration',
  params: DataMigration,
  before: z.strictObject({ program: Program, remaining: count }),
  timeoutMs: 8 * 60 * 60_000,
  probeTimeoutMs: 10 * 60_000,
  exit: () => 'restorable',
  probe: ({ defaultsFile, remaining, user, run }) => [
    script(lookScript, [defaultsFile, remaining.database, remaining.query, user, run[0] ?? '']),
  ],
  parse: ([output]) => {
    const lines = (output?.stdout ?? '').split('\n').map((line) => line.split('\t'));
    const of = (kind: string) =>
      lines.filter(([first]) => first === kind).map((line) => line.slice(1));
    const [path = '', from = '', version = ''] = of('program')[0] ?? [];
    const [remaining = { rows: null, error: '' }] = readCounts(of('count'), 1);
    return { program: { path, package: from, version }, remaining };
  },
  isDone: (params, { program, remaining }, before) => {
    if (remaining.rows === null) throw notCounted(params, remaining.error);
    if (remaining.rows === 0) return true;
    if (before !== undefined) return false;
    const { service, series, run } = params;
    if (series !== undefined)
      refuseProgram({ service, series, run, doing: doing(params) }, program);
    return false;
  },
  apply: ({ defaultsFile, remaining, maxRounds, user, okExits = [0], run }) => [
    script(roundsScript, [
      defaultsFile,
      remaining.database,
      remaining.query,
      remaining.what,
      String(maxRounds),
      okExits.join(' '),
      user,
      ...run,
    ]),
  ],
  undo: ({ remaining: { what } }, before, now) =>
    before.remaining.rows === now.remaining.rows
      ? []
      : [
          command([
            'echo',
            `Nothing is run here: ${now.remaining.rows ?? 'unknown'} ${what} until the dump of this run is restored; before this step it was ${before.remaining.rows ?? 'unknown'}.`,
          ]),
        ],
  // What it left is for the restore to put back, and for the restore to prove.
  isRestored: () => true,
  changes: (params, { program, remaining }) =>
    [
      `${params.remaining.what}: ${remaining.rows ?? 'unknown'} -> 0`,
      sayProgram(program, params.service, params.run[0] ?? ''),
    ].join('\n'),
});

const lookScript = `what=data-migration login=$1 database=$2 query=$3 user=$4 program=$5
${sqlShell}${programShell}${countShell}program_line "$user" "$program"
count_line "$database" "$query"
`;

// The outputs of the program stand between the counts, so that its own words about what it skipped are there.
const roundsScript = `what=data-migration login=$1 database=$2 query=$3 rows=$4 rounds=$5 ok=$6 user=$7; shift 7
${sqlShell}${programShell}${countShell}left=$(count_of "$database" "$query") || fail "counting $rows: $left"
echo "before: $left $rows"
round=0
while [ "$left" -gt 0 ]; do
  round=$((round + 1))
  [ "$round" -le "$rounds" ] || fail "$left $rows left after $rounds rounds, and no more are allowed"
  as "$user" "$@" </dev/null; code=$?
  case " $ok " in
    *" $code "*) ;;
    *) fail "round $round: $1 ended with exit $code, with $left $rows before it" ;;
  esac
  now=$(count_of "$database" "$query") || fail "counting $rows: $now"
  echo "round $round: $now $rows left"
  [ "$now" -eq 0 ] || [ "$now" -lt "$left" ] || fail "round $round made no progress: $now $rows left"
  left=$now
done
echo "done: 0 $rows left"
`;

const doing = ({ service, remaining }: Params): string =>
  `moving data of ${service} (${remaining.what})`;

const notCounted = (params: Params, error: string): OperatorError =>
  new OperatorError(`${doing(params)}: counting what is left: ${error}`, {
    name: 'NotCounted',
    hint: 'Sync the schema that this data belongs to first, or correct the query.',
  });
