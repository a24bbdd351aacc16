import { z } from 'zod';
import type { CommandOutput } from '../contract/command.ts';
import { SchemaRevision, readRevisions } from './schema-revision.ts';

/** What was found of one database. */
export const DatabaseState = z.strictObject({
  charset: z.string(),
  collation: z.string(),
  sizeBytes: z.number(),
  /** SHA-256 of the definitions of its tables, views, triggers, routines and events. */
  structure: z.string(),
  /** How many base tables, views, triggers, routines and events. */
  objects: z.record(z.string(), z.number()),
  revisions: z.array(SchemaRevision),
  /** Rows of each table, and a sum over their content that does not depend on their order. */
  tables: z.record(z.string(), z.tuple([z.number(), z.string()])),
});
export type DatabaseState = z.infer<typeof DatabaseState>;

/** What a host says of a dump that was verified when it was made. */
export const DumpManifest = z.strictObject({
  file: z.string(),
  createdAt: z.string(),
  server: z.string(),
  label: z.string(),
  databases: z.array(z.string()),
  sizeBytes: z.number(),
  sha256: z.string(),
  /** Of the databases as they were in the moment of the dump. */
  digest: z.string(),
  /** What is wrong with the file now; empty when it is still the one that was verified. */
  broken: z.string(),
});
export type DumpManifest = z.infer<typeof DumpManifest>;

export const BackupJournal = z.strictObject({
  server: z.string(),
  binaryLog: z.boolean(),
  freeBytes: z.strictObject({ directory: z.number(), data: z.number() }),
  /** null: there is no such database. */
  databases: z.record(z.string(), DatabaseState.nullable()),
  /** What is granted on them: "`nova`.* TO 'nova'@'%'" -> privileges. */
  grants: z.record(z.string(), z.array(z.string())),
  /** SHA-256 over all that must be the same again: content, structure, revisions, character sets. */
  digest: z.string(),
  manifest: DumpManifest.nullable(),
});
export type BackupJournal = z.infer<typeof BackupJournal>;

type Line = readonly string[];

export function readJournal(
  output: CommandOutput | undefined,
  names: readonly string[],
): BackupJournal {
  const lines = (output?.stdout ?? '').split('\n').map((line) => line.split('\t'));
  const of = (kind: string): Line[] =>
    lines.filter(([first]) => first === kind).map((line) => line.slice(1));
  const [server = '', binaryLog = '0'] = of('server')[0] ?? [];
  const free = Object.fromEntries(
    of('free').map(([where = '', said = '']) => [where, Number(said.split(' ')[0]) * 1024]),
  );
  return {
    server,
    binaryLog: binaryLog === '1',
    freeBytes: { directory: free['directory'] ?? 0, data: free['data'] ?? 0 },
    databases: Object.fromEntries(names.map((name) => [name, readDatabase(name, of)])),
    grants: readGrants(of('grant')),
    digest: of('digest')[0]?.[0] ?? '',
    manifest: readManifest(of('manifest'), of('broken')[0]?.[0] ?? ''),
  };
}

function readDatabase(name: string, of: (kind: string) => Line[]): DatabaseState | null {
  const mine = (kind: string): Line[] =>
    of(kind)
      .filter(([database]) => database === name)
      .map((line) => line.slice(1));
  const [charset] = mine('charset');
  if (charset === undefined) return null;
  return {
    charset: charset[0] ?? '',
    collation: charset[1] ?? '',
    sizeBytes: Number(mine('size')[0]?.[0] ?? 0),
    structure: mine('structure')[0]?.[0] ?? '',
    objects: Object.fromEntries(mine('objects').map(([what = '', count]) => [what, Number(count)])),
    revisions: readRevisions(mine('revision')),
    tables: Object.fromEntries(
      mine('table').map(([table = '', rows, sum = '']) => [table, [Number(rows), sum]]),
    ),
  };
}

function readGrants(lines: readonly Line[]): BackupJournal['grants'] {
  const grants = new Map<string, Set<string>>();
  for (const [on = '', grantee = '', privilege = '', isGrantable] of lines) {
    const key = `${on} TO ${grantee}`;
    const all = grants.get(key) ?? new Set();
    if (privilege !== 'USAGE') all.add(privilege);
    if (isGrantable === 'YES') all.add('GRANT OPTION');
    grants.set(key, all);
  }
  return Object.fromEntries([...grants].map(([key, all]) => [key, [...all].toSorted()]));
}

function readManifest(lines: readonly Line[], broken: string): DumpManifest | null {
  if (lines.length === 0) return null;
  const value = (name: string): string => lines.find(([key]) => key === name)?.[1] ?? '';
  return {
    file: value('file'),
    createdAt: value('createdAt'),
    server: value('server'),
    label: value('label'),
    databases: value('databases').split(' '),
    sizeBytes: Number(value('sizeBytes')),
    sha256: value('sha256'),
    digest: value('digest'),
    broken,
  };
}
