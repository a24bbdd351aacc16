import type { CommandOutput } from '../../../../handlers/contract/command.ts';
import { schemaHeadsOf } from '../../../../handlers/databases/schema-revision.ts';
import { databaseName, databasesOf, type ServiceDatabase } from '../../../cloud/databases.ts';
import type { Knowledge } from '../../../knowledge/knowledge.ts';
import type { SchemaState } from '../../../knowledge/schemas.ts';
import { failureText } from '../../answers.ts';
import * as commands from '../../commands.ts';
import type { InspectedDatabase, InspectedRows } from '../../inspection.ts';
import { schemaTruth, type SchemaTruth } from '../../schema-truth.ts';
import type { InspectionSubject } from '../../subject.ts';
import { type CheckAnswer, checkAbout } from '../check.ts';

type BlockedBy = NonNullable<SchemaState['blockedBy']>;

type SchemaTopic =
  | { readonly of: 'sizes' }
  | { readonly of: 'revision'; readonly database: string }
  | { readonly of: 'rows'; readonly database: string; readonly blockedBy: BlockedBy };

type Answer = CheckAnswer & { readonly about: SchemaTopic };

/** Where the schema of each database stands, how large it is, and the rows that a later sync refuses. */
export const schemasCheck = checkAbout<SchemaTopic>({
  id: 'schemas',
  isFirst: true,
  ask: (subject) => {
    const { services, knowledge } = subject;
    const { on, defaultsFile } = services.database;
    const [host] = on;
    const databases = databasesOf(subject).map(({ database }) => database);
    if (host === undefined || databases.length === 0) return [];
    const called = (database: string): string => databaseName(subject, database);
    return [
      {
        host,
        about: { of: 'sizes' },
        called: 'the sizes of the databases',
        commands: [commands.databaseSizesCommand(defaultsFile, databases.map(called))],
      },
      ...databases.flatMap((database) => [
        {
          host,
          about: { of: 'revision' as const, database },
          commands: commands.revisionCommands(defaultsFile, called(database)),
        },
        ...blockers(knowledge, database).map((blockedBy) => ({
          host,
          about: { of: 'rows' as const, database, blockedBy },
          commands: [
            commands.sqlQueryCommand(defaultsFile, called(blockedBy.database), blockedBy.query),
          ],
        })),
      ]),
    ];
  },
  read: (said, context) => ({ found: { databases: databasesRead(said, context) } }),
});

/** Each kind of rows that some sync on the path refuses. */
function blockers({ states }: Knowledge, database: string): BlockedBy[] {
  const all = (states.databases[database] ?? []).flatMap(({ blockedBy }) => blockedBy ?? []);
  return all.filter(
    ({ query }, index) => all.findIndex((other) => other.query === query) === index,
  );
}

function databasesRead(said: readonly Answer[], subject: InspectionSubject): InspectedDatabase[] {
  const sizes = sizesOf(said.find(({ about }) => about.of === 'sizes')?.outputs[0]);
  return databasesOf(subject).map((one) => {
    const { service, database } = one;
    const called = databaseName(subject, database);
    const outputs = said.find(
      ({ about }) => about.of === 'revision' && about.database === database,
    )?.outputs;
    const revision = revisionOf(outputs ?? [], database);
    const truth = revision === undefined ? undefined : truthOf(subject, said, { ...one, revision });
    return {
      service,
      name: database,
      called,
      ...sizes.get(called),
      ...(revision !== undefined && { revision }),
      ...(truth && { truth }),
      rows: rowsOf(said, database, truth),
      ...(revision === undefined && { problem: noRevision(outputs) }),
    };
  });
}

function truthOf(
  { knowledge }: InspectionSubject,
  said: readonly Answer[],
  question: ServiceDatabase & { readonly revision: string },
): SchemaTruth | undefined {
  const { service, database, revision } = question;
  if (knowledge.heads[database]?.service !== service) return undefined;
  const first = schemaTruth({ service, database, revision }, knowledge);
  const rowsBlocking = rowsOf(said, database, first).find(({ blocksNext }) => blocksNext)?.count;
  return schemaTruth({ service, database, revision, rowsBlocking }, knowledge);
}

function rowsOf(
  said: readonly Answer[],
  database: string,
  truth: SchemaTruth | undefined,
): InspectedRows[] {
  return said.flatMap(({ about, outputs: [out] }) => {
    if (about.of !== 'rows' || about.database !== database) return [];
    const count = Number(out?.stdout.trim() || Number.NaN);
    if (out?.exit !== 0 || !Number.isInteger(count)) return [];
    const { what, query } = about.blockedBy;
    return [{ what, count, blocksNext: truth?.blockedBy?.query === query }];
  });
}

/** The rows of Alembic's table where there is one, else sqlalchemy-migrate's integer for the project itself. */
function revisionOf(
  [alembic, migrate]: readonly CommandOutput[],
  database: string,
): string | undefined {
  if (alembic?.exit === 0) {
    const heads = alembic.stdout.split('\n').filter((line) => line !== '');
    if (heads.length > 0 || migrate?.exit !== 0) return heads.toSorted().join(' ');
  }
  if (migrate?.exit !== 0) return undefined;
  const rows = migrate.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [revision = '', repository = ''] = line.split('\t');
      return { table: 'migrate_version' as const, repository, revision };
    });
  return schemaHeadsOf(rows, [database])?.toSorted().join(' ') ?? '';
}

function noRevision(outputs: readonly CommandOutput[] | undefined): string {
  if (outputs === undefined) return 'its host did not answer';
  const [alembic, migrate] = outputs;
  if (isMissing(alembic) && isMissing(migrate)) return 'it has no version table: never synced';
  return failureText(isMissing(alembic) ? migrate : alembic);
}

/** MySQL's error 1146: no such table. */
const isMissing = (said: CommandOutput | undefined): boolean => /\b1146\b/.test(said?.stderr ?? '');

function sizesOf(said: CommandOutput | undefined) {
  const lines = said?.exit === 0 ? said.stdout.split('\n').filter((line) => line !== '') : [];
  return new Map(
    lines.map((line) => {
      const [name = '', sizeBytes = '', tables = ''] = line.split('\t');
      return [name, { sizeBytes: Number(sizeBytes), tables: Number(tables) }];
    }),
  );
}
