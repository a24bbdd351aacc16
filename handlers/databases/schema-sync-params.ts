import { z } from 'zod';
import { UserName, CommandWords } from '../contract/command.ts';
import { servicesWithRelease } from './installed-program.ts';
import { CountQuery, DatabaseName, DefaultsFile } from './mysql.ts';
import { RevisionHeads } from './schema-revision.ts';
import { ServiceLog } from './service-log.ts';

const Or = z
  .array(RevisionHeads)
  .min(1)
  .optional()
  .describe(
    'Earlier revisions that it may end at just as well, where it is not known which of them the release ends at. Afterwards the output says which it was.',
  );

/** What a sync stops at while rows are left. */
export const BlockingRows = z.strictObject({
  database: DatabaseName.describe('The database that is asked.'),
  query: CountQuery.describe('A read-only SELECT of one number.'),
  what: z.string().min(1).describe('What it counts, in plain words.'),
  missing: z.string().min(1).describe('The step that was not done while rows are left.'),
});

export const SchemaSyncParams = z.strictObject({
  defaultsFile: DefaultsFile,
  service: z
    .string()
    .refine((name) => servicesWithRelease.includes(name), {
      error: `expected one of ${servicesWithRelease.join(', ')}: of others no version tells the release`,
    })
    .describe('The service, by which the version of its programs tells their release.'),
  database: DatabaseName.describe('The database whose schema is changed.'),
  run: CommandWords.describe('The sync command, a word an entry. Nothing else runs.'),
  user: UserName.describe('The user it runs as.'),
  series: z.string().min(1).describe('The release whose programs must be installed.'),
  from: z.array(RevisionHeads).describe('The revisions it may start from.'),
  resume: z
    .strictObject({
      from: z.int().describe('The first such revision.'),
      to: z.int().describe('The last such revision.'),
    })
    .refine(({ from, to }) => from <= to, 'ends before it begins')
    .optional()
    .describe('Revisions of a sync that was stopped, which this one may go on from.'),
  to: RevisionHeads.describe('The revisions it leads to.'),
  or: Or,
  also: z
    .array(
      z.strictObject({
        database: DatabaseName.describe('The other database.'),
        from: z.array(RevisionHeads).describe('The revisions it may start from.'),
        to: RevisionHeads.describe('The revisions it leads to.'),
        or: Or,
      }),
    )
    .optional()
    .describe(
      'Further databases that the same command leads along, such as nova_cell0 and those of cells.',
    ),
  log: ServiceLog.optional(),
  blocking: z.array(BlockingRows).describe('What must be 0 before the sync may begin.'),
});
export type SchemaSyncParams = z.infer<typeof SchemaSyncParams>;
