import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type DatabaseState, BackupJournal, readJournal } from './journal.ts';
import { restoreDatabases, restoreGrants } from './restore.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { DatabaseName, DefaultsFile, OptionFilePath, shellScript } from './mysql.ts';
import { headsText } from './schema-revision.ts';
import { journalProbeShell, dumpShell } from './scripts/embedded.ts';

export const DatabaseBackupParams = z
  .strictObject({
    defaultsFile: DefaultsFile,
    databases: z
      .array(DatabaseName)
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'names a database twice')
      .refine(
        (names) => !names.some((name) => systemDatabases.has(name.toLowerCase())),
        "the server's own databases cannot be put back onto another version of it",
      )
      .describe('Dumped together, as one consistent snapshot.'),
    directory: OptionFilePath.describe(
      'Where dumps are kept, with mode 0700. It is made where it is missing.',
    ),
    label: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._]*$/, 'expected a word such as juno')
      .describe('The release that the data is of, for the name of the file.'),
    scratchPrefix: z
      .string()
      .regex(/^[a-z0-9_]+$/, 'expected lower-case letters, digits and underscores')
      .describe('The dump is restored into databases of these names and compared, then dropped.'),
  })
  .refine(
    ({ databases, scratchPrefix }) =>
      databases.every((name) => !databases.includes(scratchPrefix + name)),
    { message: 'makes a copy that has the name of a database to dump', path: ['scratchPrefix'] },
  )
  .refine(
    ({ databases, scratchPrefix }) =>
      databases.every((name) => scratchPrefix.length + name.length <= 64),
    {
      message: 'makes names longer than the 64 characters that MySQL takes',
      path: ['scratchPrefix'],
    },
  );

const systemDatabases = new Set(['mysql', 'sys', 'performance_schema', 'information_schema']);

/**
 * Dumps databases together, restores the dump under other names, compares, and only then keeps it. `undo` is the rollback
 * for all that later steps did to the databases: it restores them from the dump of this run. Dumps are never deleted.
 */
export const databaseBackupHandler = defineHandler({
  kind: 'database-backup',
  params: DatabaseBackupParams,
  before: BackupJournal,
  timeoutMs: 4 * 60 * 60_000,
  // Every row is read, and so is the dump.
  probeTimeoutMs: 30 * 60_000,
  reversibility: () => 'reversible',
  restores: 'databases',
  probe: ({ defaultsFile, directory, label, databases }) => [
    shellScript(journalProbeShell, [defaultsFile, directory, label, ...databases]),
  ],
  parse: ([output], { databases }) => readJournal(output, databases),
  // A dump that is there before the step was made for something else.
  isDone: ({ databases }, found, before) => {
    if (before === undefined) return false;
    const manifest = ownManifest(before, found);
    if (manifest === undefined) return false;
    return manifest.broken === '' && isDeepStrictEqual(manifest.databases, databases);
  },
  apply: ({ defaultsFile, directory, label, scratchPrefix, databases }) => [
    shellScript(dumpShell, [defaultsFile, directory, label, scratchPrefix, ...databases]),
  ],
  undo: ({ defaultsFile, directory }, before, now) => {
    const manifest = ownManifest(before, now);
    // Without a dump of its own the step never ended well, and nothing that needs one came after it.
    if (manifest === undefined) return [];
    const grants = restoreGrants(defaultsFile, before.grants, now.grants);
    if ([before.digest, manifest.digest].includes(now.digest)) return grants;
    if (manifest.broken !== '') throw isBroken(`${directory}/${manifest.file}`, manifest.broken);
    return [...restoreDatabases({ defaultsFile, directory, before, now }), ...grants];
  },
  isRestored: (_params, before, now) => {
    if (!isDeepStrictEqual(before.grants, now.grants)) return false;
    const manifest = ownManifest(before, now);
    // Programs that run go on writing rows, so without a dump only what an upgrade would change can be asked for.
    if (manifest === undefined) return isDeepStrictEqual(shapes(before), shapes(now));
    return [before.digest, manifest.digest].includes(now.digest);
  },
  does: ({ databases }) =>
    deedOn(`back up ${databases.join(', ')} (and prove it by a restore)`, 'backup', databases),
  changes: ({ databases, directory }, before) =>
    [
      ...databases.map((name) => `${name}: ${sayDatabase(before.databases[name])}`),
      `${directory}: ${mebibytes(before.freeBytes.directory)} free`,
      `binary log: ${before.binaryLog ? 'on, so the dump tells its position' : 'off'}`,
    ].join('\n'),
});

const ownManifest = (before: BackupJournal, now: BackupJournal) =>
  now.manifest === null || now.manifest.file === before.manifest?.file ? undefined : now.manifest;

const shapes = ({ databases }: BackupJournal) =>
  Object.entries(databases)
    .map(([name, found]) => [name, found?.structure, found?.revisions] as const)
    // The event log keeps the keys of a state in an order of its own.
    .toSorted(([one], [other]) => (one < other ? -1 : 1));

function sayDatabase(found: DatabaseState | null | undefined): string {
  if (!found) return 'there is no such database';
  const { sizeBytes, objects, revisions } = found;
  const count = Object.entries(objects).filter(([what, many]) => many > 0 || what === 'tables');
  const at = headsText(revisions.map(({ revision }) => revision));
  return [
    mebibytes(sizeBytes),
    ...count.map(([what, many]) => `${many} ${what}`),
    `revision ${at}`,
  ].join(', ');
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

const isBroken = (file: string, why: string): OperatorError =>
  new OperatorError(`restoring the databases from ${file}: ${why}`, {
    name: 'DumpBroken',
    hint: 'Nothing was touched. Put the dump back from a copy, then try again.',
  });
