import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command } from '../contract/command.ts';
import { RowCount, readRowCounts } from './counted-rows.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { InstalledProgram, programText } from './installed-program.ts';
import { shellScript } from './mysql.ts';
import { pythonCommand } from '../contract/python.ts';
import {
  databaseMissing,
  type SyncedDatabase,
  refuseProgram,
  refuseRevision,
  refuseRows,
} from './schema-refusal.ts';
import {
  areSameHeads,
  goalHeads,
  RevisionHeads,
  schemaHeadsOf,
  isAtSyncGoal,
  readRevisions,
  SchemaRevision,
  foundHeadsText,
  goalText,
} from './schema-revision.ts';
import { SchemaSyncParams } from './schema-sync-params.ts';
import { schemaSayShell, schemaLookShell, loggedRunPython } from './scripts/embedded.ts';

const Found = z.strictObject({
  program: InstalledProgram,
  revisions: z.array(SchemaRevision),
  /** null: there is no such database. */
  heads: RevisionHeads.nullable(),
  blocking: z.array(RowCount),
  /** Of the further databases, in their order. */
  also: z.array(RevisionHeads.nullable()).default([]),
});
type Found = z.infer<typeof Found>;

/**
 * Runs the schema sync of a service, from a revision that it may begin at and with nothing left that it would stop at. The
 * exit code alone proves nothing: the version table has to say so too. No project leads a schema back, so what puts it back
 * is the undo of the `database-backup` step of the run, which comes later on rollback; its own undo has nothing to run.
 */
export const schemaSyncHandler = defineHandler({
  kind: 'schema-sync',
  params: SchemaSyncParams,
  before: Found,
  timeoutMs: 4 * 60 * 60_000,
  probeTimeoutMs: 10 * 60_000,
  reversibility: () => 'restorable',
  probe: ({ defaultsFile, database, user, run, blocking, also = [] }) => [
    shellScript(schemaLookShell, [
      defaultsFile,
      [database, ...also.map((other) => other.database)].join(' '),
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
    const revisionsOf = (database: string): SchemaRevision[] =>
      readRevisions(
        of('revision')
          .filter(([name]) => name === database)
          .map((line) => line.slice(1)),
      );
    const heads = (database: string): RevisionHeads | null => {
      if (of('absent').some(([name]) => name === database)) return null;
      const found = revisionsOf(database);
      return schemaHeadsOf(found, [database, params.service]) ?? found.map(sayRevision);
    };
    return {
      program: { path, package: from, version },
      revisions: revisionsOf(params.database),
      heads: heads(params.database),
      blocking: readRowCounts(of('count'), params.blocking.length),
      also: (params.also ?? []).map(({ database }) => heads(database)),
    };
  },
  isDone: (params, found, before) => {
    const places = placesOf(params, found);
    if (before !== undefined) {
      const missed = places.find((place) => !isAtSyncGoal(place.heads, place));
      if (missed === undefined) return true;
      throw databaseMissing(params, missed);
    }
    const left = places.filter(({ heads, to }) => !isThere(heads, to));
    if (left.length === 0) return true;
    for (const place of left) refuseRevision(params, place, found.blocking);
    refuseRows(params, found.blocking);
    refuseProgram(params, found.program);
    return false;
  },
  apply: ({ run, user, service, log, defaultsFile, ...params }) => [
    log === undefined
      ? command(run, { as: user })
      : pythonCommand(loggedRunPython, [service, log, ...run], { as: user }),
    ...(openOnes(params).length === 0
      ? []
      : [shellScript(schemaSayShell, [defaultsFile, openOnes(params).join(' ')])]),
  ],
  undo: (params, before, now) => {
    const found = placesOf(params, before);
    return placesOf(params, now).flatMap(({ database, heads }, index) => {
      const was = found[index]?.heads ?? null;
      return isDeepStrictEqual(was, heads)
        ? []
        : [
            command([
              'echo',
              `Nothing is run here: ${database} stays at revision ${foundHeadsText(heads)} until the dump of this run is restored, which puts back ${foundHeadsText(was)}.`,
            ]),
          ];
    });
  },
  // What it left is for the restore to put back, and for the restore to prove.
  isRestored: () => true,
  does: ({ run, database, also = [] }) =>
    deedOn(run.join(' '), 'schema', [database, ...also.map((other) => other.database)]),
  changes: (params, before) =>
    [
      ...placesOf(params, before).map(
        (place) =>
          `${place.database}: revision ${foundHeadsText(place.heads)} -> ${isThere(place.heads, place.to) ? 'the same' : goalText(place)}`,
      ),
      programText(before.program, params.service, params.run[0] ?? ''),
    ].join('\n'),
});

/** The databases whose end is known only as one of several. */
const openOnes = ({
  also = [],
  ...own
}: Pick<SchemaSyncParams, 'database' | 'to' | 'or' | 'also'>) =>
  [own, ...also].filter((one) => goalHeads(one).length > 1).map(({ database }) => database);

const placesOf = (params: SchemaSyncParams, found: Found): SyncedDatabase[] => [
  { ...params, heads: found.heads },
  ...(params.also ?? []).map((other, index) => ({ ...other, heads: found.also[index] ?? null })),
];

const isThere = (heads: RevisionHeads | null, to: RevisionHeads): boolean =>
  heads !== null && areSameHeads(heads, to);

const sayRevision = ({ repository, revision }: SchemaRevision): string =>
  `${repository} ${revision}`;
