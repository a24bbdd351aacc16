import { z } from 'zod';
import { UserName, Words } from '../../handlers/command.ts';

const path = z.string().regex(/^(\/[^/\0\n]+)+$/, 'expected an absolute path');
const database = z.string().regex(/^[A-Za-z0-9_$]+$/, 'expected the name of a database');
const heads = z
  .array(z.string().min(1))
  .describe('The rows of its version table; none for a database that was never synced.');
/** A client option file (mode 0600) on the host. Passwords never travel in arguments. */
const defaultsFile = path.describe('The MySQL option file, on the host, that holds the login.');

export const DatabaseBackup = z.strictObject({
  defaultsFile,
  databases: z.array(database).min(1).describe('Dumped together, as one consistent snapshot.'),
  directory: path.describe('Where dumps are kept, with mode 0700.'),
  label: z.string().describe('The series that the data is of, for the name of the file.'),
  scratchPrefix: z
    .string()
    .regex(/^[a-z0-9_]+$/)
    .describe('The dump is restored into databases of these names and compared, then dropped.'),
});

const Blocking = z.strictObject({
  database,
  query: z.string().min(1).describe('A read-only SELECT of one number.'),
  what: z.string().min(1),
  missing: z.string().min(1).describe('The step that was not done while rows are left.'),
});

export const SchemaSync = z.strictObject({
  defaultsFile,
  service: z.string(),
  database,
  run: Words,
  user: UserName,
  series: z.string().describe('The series whose programs must be installed.'),
  from: z.array(heads).describe('The revisions it may start from.'),
  resume: z
    .strictObject({ from: z.int(), to: z.int() })
    .optional()
    .describe('Revisions of a sync that was stopped, which this one may go on from.'),
  to: heads,
  blocking: z.array(Blocking).describe('What must be 0 before the sync may begin.'),
});

export const DataMigration = z.strictObject({
  defaultsFile,
  service: z.string(),
  run: Words,
  user: UserName,
  series: z.string().optional().describe('The series whose programs it needs.'),
  okExits: z.array(z.int().min(0).max(255)).optional(),
  remaining: z
    .strictObject({ database, query: z.string().min(1), what: z.string().min(1) })
    .describe('What is left, counted before, between and after; the step is done at 0.'),
  maxRounds: z.int().min(1).max(10_000),
});

export const ConfigReport = z.strictObject({
  service: z.string(),
  unit: z.string().min(1),
  manager: z.enum(['systemd', 'sysv']),
  config: path.describe('The file whose [DEFAULT] debug is on for this one start.'),
  log: path,
});

/** What the step kinds of an OpenStack upgrade take, beside the kinds that any runbook may use. */
export const stepParams: Readonly<Record<string, z.ZodType>> = {
  'database-backup': DatabaseBackup,
  'schema-sync': SchemaSync,
  'data-migration': DataMigration,
  'config-report': ConfigReport,
};
