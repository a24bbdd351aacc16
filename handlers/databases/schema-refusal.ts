import { capital } from '../words/letters.ts';
import type { RowCount } from './counted-rows.ts';
import { releaseWord } from '../words/release-word.ts';
import { OperatorError } from '../contract/errors.ts';
import { type InstalledProgram, programText, releaseOfProgram } from './installed-program.ts';
import {
  areSameHeads,
  type SyncGoal,
  goalHeads,
  type RevisionHeads,
  foundHeadsText,
  goalText,
  headsText,
} from './schema-revision.ts';
import type { SchemaSyncParams } from './schema-sync-params.ts';

/** A database that the sync leads somewhere, and where it is; null: there is none. */
export interface SyncedDatabase extends SyncGoal {
  readonly database: string;
  readonly from: readonly RevisionHeads[];
  readonly heads: RevisionHeads | null;
  readonly resume?: SchemaSyncParams['resume'];
}

const doing = ({ service, series }: SchemaSyncParams, database: string): string =>
  `syncing the schema of ${service} (database ${database}) for ${capital(series)}`;

const number = (heads: RevisionHeads): number | undefined =>
  heads.length === 1 && /^\d+$/.test(heads[0] ?? '') ? Number(heads[0]) : undefined;

/** Throws where a database is at no revision that the sync may begin from. */
export function refuseRevision(
  params: SchemaSyncParams,
  place: SyncedDatabase,
  blocking: readonly RowCount[],
): void {
  const { database, from, resume, to, heads } = place;
  if (heads === null)
    throw new OperatorError(
      `${doing(params, database)}: there is no such database on this server`,
      {
        name: 'SchemaRefused',
        hint: 'Correct the name, or make the database in an earlier step.',
      },
    );
  const at = number(heads);
  // At an end that is whole only perhaps, the command finds out: at a true end it has nothing to do.
  if ([...from, ...goalHeads(place)].some((one) => areSameHeads(one, heads))) return;
  if (resume !== undefined && at !== undefined && at >= resume.from && at <= resume.to) return;
  const end = number(to);
  const start = Math.min(...from.map((one) => number(one) ?? Number.NaN));
  const allowed = [
    ...from.map(headsText),
    ...(resume === undefined ? [] : [`${resume.from} to ${resume.to}, where it was stopped`]),
  ].join(', or ');
  const [state, hint] =
    at !== undefined && end !== undefined && at > end
      ? [
          'a later release has changed it already, and no program leads a schema back',
          `Go on with the later release's programs, or restore the database from a dump made before. Do not run ${params.run.join(' ')} on it.`,
        ]
      : at !== undefined && at < start
        ? [
            'the sync of a release in between is missing',
            [
              `First run the sync that leads ${database} to ${from.map(headsText).join(' or ')}, with the programs of that release.`,
              ...blocking
                .flatMap(({ rows }, index) => (rows === 0 ? [] : [params.blocking[index]?.missing]))
                .map((missing) => `Then: ${missing}.`),
            ].join(' '),
          ]
        : [
            'no release on this upgrade path knows that state',
            'Find out which programs changed it last; then go on with theirs, or restore the database from a dump.',
          ];
  throw new OperatorError(
    `${doing(params, database)}: it is at revision ${headsText(heads)}, and the sync may begin from ${allowed}: ${state}`,
    { name: 'SchemaRefused', hint },
  );
}

/** Throws while rows are left that the sync would stop at. */
export function refuseRows(params: SchemaSyncParams, counts: readonly RowCount[]): void {
  params.blocking.forEach(({ what, missing }, index) => {
    const { rows = null, error = 'it was not counted' } = counts[index] ?? {};
    if (rows === 0) return;
    throw new OperatorError(
      rows === null
        ? `${doing(params, params.database)}: counting ${what}: ${error}`
        : `${doing(params, params.database)}: ${rows} ${what}: the sync would stop partway`,
      { name: 'SchemaRefused', hint: `First: ${missing}.` },
    );
  });
}

/** Throws where the program is of another release, or is not there. */
export function refuseProgram(
  params: Pick<SchemaSyncParams, 'service' | 'series' | 'run'> & { readonly doing?: string },
  program: InstalledProgram,
): void {
  const { service, series, run, doing: what } = params;
  if (program.path !== '' && releaseOfProgram(service, program.version) === releaseWord(series))
    return;
  throw new OperatorError(
    `${what ?? `syncing the schema of ${service} for ${capital(series)}`}: it needs a program of ${capital(series)}, but found is: ${programText(program, service, run[0] ?? '')}`,
    {
      name: 'WrongProgram',
      hint: `Install ${service} of ${capital(series)} first, or name the program of ${capital(series)} by its path.`,
    },
  );
}

export const databaseMissing = (params: SchemaSyncParams, place: SyncedDatabase): OperatorError =>
  new OperatorError(
    `${doing(params, place.database)}: the command ended well, but the schema is at ${foundHeadsText(place.heads)} and not at ${goalText(place)}`,
    {
      name: 'SchemaNotThere',
      hint: `Look for where it stopped: in its output${params.log === undefined ? '' : `, and in ${params.log}`}.`,
    },
  );
