import type { CommandOutput } from '../../handlers/contract/command.ts';
import { schemaHeadsOf } from '../../handlers/databases/schema-revision.ts';
import { type AnsweredQuestion, answersAbout, failureText } from './answers.ts';
import { databasesOf, type ServiceDatabase } from '../cloud/databases.ts';
import type { InspectedDatabase, BackupSpace, InspectedRows } from './inspection.ts';
import { databaseName } from '../plan/context.ts';
import { schemaTruth, type SchemaTruth } from './schema-truth.ts';
import type { InspectionSubject } from './subject.ts';

export function readDatabases(
  subject: InspectionSubject,
  answered: readonly AnsweredQuestion[],
): InspectedDatabase[] {
  const sizes = sizesOf(answersAbout(answered, 'sizes')[0]?.outputs[0]);
  return databasesOf(subject).map((one) => {
    const { service, database } = one;
    const called = databaseName(subject, database);
    const said = answersAbout(answered, 'revision').find(
      ({ topic }) => topic.database === database,
    );
    const revision = revisionOf(said?.outputs ?? [], database);
    const truth =
      revision === undefined ? undefined : truthOf(subject, answered, { ...one, revision });
    return {
      service,
      name: database,
      called,
      ...sizes.get(called),
      ...(revision !== undefined && { revision }),
      ...(truth && { truth }),
      rows: rowsOf(answered, database, truth),
      ...(revision === undefined && { problem: noRevision(said?.outputs) }),
    };
  });
}

function truthOf(
  { knowledge }: InspectionSubject,
  answered: readonly AnsweredQuestion[],
  question: ServiceDatabase & { readonly revision: string },
): SchemaTruth | undefined {
  const { service, database, revision } = question;
  if (knowledge.heads[database]?.service !== service) return undefined;
  const first = schemaTruth({ service, database, revision }, knowledge);
  const rowsBlocking = rowsOf(answered, database, first).find(
    ({ blocksNext }) => blocksNext,
  )?.count;
  return schemaTruth({ service, database, revision, rowsBlocking }, knowledge);
}

function rowsOf(
  answered: readonly AnsweredQuestion[],
  database: string,
  truth: SchemaTruth | undefined,
): InspectedRows[] {
  return answersAbout(answered, 'rows')
    .filter(({ topic }) => topic.database === database)
    .flatMap(({ topic: { blockedBy }, outputs: [said] }) => {
      const count = Number(said?.stdout.trim() || Number.NaN);
      if (said?.exit !== 0 || !Number.isInteger(count)) return [];
      return [
        { what: blockedBy.what, count, blocksNext: truth?.blockedBy?.query === blockedBy.query },
      ];
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

/** Twice the data for the dump and a quarter more than the data for its trial restore, as the backup step asks for. */
export function readBackupSpace(
  { services }: InspectionSubject,
  answered: readonly AnsweredQuestion[],
  databases: readonly InspectedDatabase[],
): BackupSpace | undefined {
  const [one] = answersAbout(answered, 'room');
  const lines = (one?.outputs[0]?.stdout ?? '').split('\n').map((line) => line.split('\t'));
  const [backups, data] = ['backups', 'data'].map((name) => {
    const line = lines.find(([first]) => first === name);
    const path = name === 'backups' ? services.database.backups : 'data directory';
    return line && { path, freeBytes: Number(line[1]) * 1024, device: line[2] ?? '' };
  });
  if (one === undefined || backups === undefined || data === undefined) return undefined;
  const total = databases.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const needs = { backupsBytes: total * 2, dataBytes: Math.ceil(total * 1.25) };
  const isShared = backups.device === data.device;
  const isEnough = isShared
    ? backups.freeBytes >= needs.backupsBytes + needs.dataBytes
    : backups.freeBytes >= needs.backupsBytes && data.freeBytes >= needs.dataBytes;
  return { host: one.host, backups, data, needs, isEnough };
}
