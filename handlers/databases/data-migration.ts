import { z } from 'zod';
import { command, OkExits, UserName, CommandWords } from '../contract/command.ts';
import { RowCount, readRowCounts } from './counted-rows.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { InstalledProgram, programText, servicesWithRelease } from './installed-program.ts';
import { CountQuery, DatabaseName, DefaultsFile, shellScript } from './mysql.ts';
import { pythonCommand } from '../contract/python.ts';
import { refuseProgram } from './schema-refusal.ts';
import { ServiceLog } from './service-log.ts';
import {
  countedRoundsShell,
  dataLookShell,
  dataProgramShell,
  roundsPython,
} from './scripts/embedded.ts';

export const DataMigrationParams = z
  .strictObject({
    defaultsFile: DefaultsFile.optional(),
    service: z.string().min(1).describe('The service whose data is moved.'),
    run: CommandWords.describe('The command line of one round, a word an entry.'),
    user: UserName.describe('The user it runs as.'),
    series: z.string().min(1).optional().describe('The release whose programs it needs.'),
    okExits: OkExits.optional().describe('Exit codes that mean success. Default: [0].'),
    again: OkExits.optional().describe(
      'Exit codes that mean success with more to do: one more round. Those of nova, cinder and placement say 1 with --max-count.',
    ),
    remaining: z
      .strictObject({
        database: DatabaseName.describe('The database that is asked.'),
        query: CountQuery.describe('A read-only SELECT of one number.'),
        what: z.string().min(1).describe('What it counts, in plain words.'),
      })
      .optional()
      .describe(
        'What is left, counted before, between and after; the step is done at 0. Without it the exit code tells.',
      ),
    maxRounds: z.int().min(1).max(10_000).describe('After so many rounds the step gives up.'),
    log: ServiceLog.optional(),
    putBack: z
      .boolean()
      .optional()
      .describe(
        'false: the release that runs reads its data moved or not, so nothing needs putting back. Default: the backup of the run puts it back.',
      ),
  })
  .refine(({ series, service }) => series === undefined || servicesWithRelease.includes(service), {
    message: `says a release, which the versions of ${servicesWithRelease.join(', ')} alone tell`,
    path: ['series'],
  })
  .refine(({ remaining, defaultsFile }) => remaining === undefined || defaultsFile !== undefined, {
    message: 'is needed to count what is left',
    path: ['defaultsFile'],
  })
  .refine(({ remaining, log }) => remaining === undefined || log === undefined, {
    message: 'is shown where the exit code tells, without `remaining`',
    path: ['log'],
  });
type Params = z.infer<typeof DataMigrationParams>;

const Found = z.strictObject({
  program: InstalledProgram,
  /** null: nobody counts. */
  remaining: RowCount.nullable(),
});
type Found = z.infer<typeof Found>;

/**
 * Moves data in rounds until nothing is left. A round that moves nothing ends it, and so does the last allowed one. What
 * puts the data back is the undo of the `database-backup` step of the run; its own undo has nothing to run.
 */
export const dataMigrationHandler = defineHandler({
  kind: 'data-migration',
  params: DataMigrationParams,
  before: Found,
  timeoutMs: 8 * 60 * 60_000,
  probeTimeoutMs: 10 * 60_000,
  reversibility: ({ putBack = true }) => (putBack ? 'restorable' : 'reversible'),
  probe: ({ defaultsFile = '', remaining, user, run: [program = ''] }) => [
    remaining === undefined
      ? shellScript(dataProgramShell, [user, program])
      : shellScript(dataLookShell, [
          defaultsFile,
          remaining.database,
          remaining.query,
          user,
          program,
        ]),
  ],
  parse: ([output], params) => {
    const lines = (output?.stdout ?? '').split('\n').map((line) => line.split('\t'));
    const of = (kind: string) =>
      lines.filter(([first]) => first === kind).map((line) => line.slice(1));
    const [path = '', from = '', version = ''] = of('program')[0] ?? [];
    const [remaining = null] = params.remaining === undefined ? [] : readRowCounts(of('count'), 1);
    return { program: { path, package: from, version }, remaining };
  },
  isDone: (params, { program, remaining }, before) => {
    if (remaining?.rows === null) throw notCounted(params, remaining.error);
    if (remaining?.rows === 0) return true;
    // Where nobody counts, the exit code of the last round was the answer.
    if (before !== undefined) return remaining === null ? undefined : false;
    const { service, series, run } = params;
    if (series !== undefined)
      refuseProgram({ service, series, run, doing: doing(params) }, program);
    return false;
  },
  apply: ({ defaultsFile = '', service, remaining, maxRounds, user, log = '', ...params }) => {
    const { okExits = [0], again = [], run } = params;
    return [
      remaining === undefined
        ? pythonCommand(
            roundsPython,
            [service, String(maxRounds), okExits.join(' '), again.join(' '), log, ...run],
            { as: user },
          )
        : shellScript(countedRoundsShell, [
            defaultsFile,
            remaining.database,
            remaining.query,
            remaining.what,
            String(maxRounds),
            [...okExits, ...again].join(' '),
            user,
            ...run,
          ]),
    ];
  },
  undo: ({ remaining, service, putBack = true }, before, now) => {
    if (!putBack || (remaining !== undefined && before.remaining?.rows === now.remaining?.rows))
      return [];
    const said =
      remaining === undefined
        ? `data of ${service} that was moved stays so until the dump of this run is restored.`
        : `${rowsOf(now)} ${remaining.what} until the dump of this run is restored; before this step it was ${rowsOf(before)}.`;
    return [command(['echo', `Nothing is run here: ${said}`])];
  },
  // What it left is for the restore to put back, and for the restore to prove.
  isRestored: () => true,
  does: ({ run, service }) => deedOn(run.join(' '), 'data', [service]),
  changes: (params, before) =>
    [
      ...(params.remaining === undefined
        ? []
        : [`${params.remaining.what}: ${rowsOf(before)} -> 0`]),
      programText(before.program, params.service, params.run[0] ?? ''),
    ].join('\n'),
});

const rowsOf = ({ remaining }: Found): string => String(remaining?.rows ?? 'unknown');

const doing = ({ service, remaining }: Params): string =>
  remaining === undefined
    ? `moving data of ${service}`
    : `moving data of ${service} (${remaining.what})`;

const notCounted = (params: Params, error: string): OperatorError =>
  new OperatorError(`${doing(params)}: counting what is left: ${error}`, {
    name: 'NotCounted',
    hint: 'Sync the schema that this data belongs to first, or correct the query.',
  });
