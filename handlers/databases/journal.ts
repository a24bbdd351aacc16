import { z } from 'zod';
import type { CommandOutput } from '../contract/command.ts';
import { revisionShell, sqlShell } from './mysql.ts';
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

/**
 * Shell: `row_questions DATABASE NAME` prints statements that count the rows of each table and sum up their content, as
 * text, as a dump has it; so it is the same for a table and for the same table restored.
 * `shape DATABASE NAME` prints what there is besides rows, and `grants DATABASE` who may do what.
 */
export const journalShell = `${revisionShell}mysqldump=$(program mariadb-dump mysqldump) || exit 1
row_questions() {
  { echo "SET @db = \\"$1\\", @name = \\"$2\\";"; cat <<\\SQL
SET SESSION sql_mode = 0; SET SESSION group_concat_max_len = 16777216; SET @q = CHAR(96);
SELECT CONCAT("SELECT ", QUOTE("table"), ",", QUOTE(@name), ",", QUOTE(t.TABLE_NAME),
  ", COUNT(*), COALESCE(SUM(CAST(CONV(LEFT(MD5(CONCAT_WS(", QUOTE(","), ",",
  GROUP_CONCAT("QUOTE(CAST(", @q, REPLACE(c.COLUMN_NAME, @q, CONCAT(@q, @q)), @q, " AS BINARY))"
    ORDER BY c.ORDINAL_POSITION SEPARATOR ","),
  ")), 15), 16, 10) AS UNSIGNED)), 0) FROM ", @q, @db, @q, ".", @q, REPLACE(t.TABLE_NAME, @q, CONCAT(@q, @q)), @q, ";")
FROM information_schema.TABLES t JOIN information_schema.COLUMNS c
  ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = @db AND t.TABLE_TYPE = "BASE TABLE"
GROUP BY t.TABLE_NAME ORDER BY BINARY t.TABLE_NAME;
SQL
  } | sql_in --raw && revision_questions "$1" "$2"
}
session="SET SESSION sql_mode = 0; SET SESSION time_zone = \\"+00:00\\"; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
rows() {
  questions=$(row_questions "$1" "$2") || return
  sql_in <<SQL
$session
START TRANSACTION WITH CONSISTENT SNAPSHOT;
$questions
SQL
}
shape() {
  { echo "SET @db = \\"$1\\", @name = \\"$2\\";"; cat <<\\SQL
SET SESSION sql_mode = 0;
SELECT "charset", @name, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @db;
SELECT "objects", @name, "tables", COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @db AND TABLE_TYPE = "BASE TABLE";
SELECT "objects", @name, "views", COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @db;
SELECT "objects", @name, "triggers", COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @db;
SELECT "objects", @name, "routines", COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @db;
SELECT "objects", @name, "events", COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = @db;
SQL
  } | sql_in || return
  definitions=$("$mysqldump" --defaults-file="$login" --default-character-set=utf8mb4 --no-data --skip-comments \\
    --skip-dump-date --single-transaction --skip-lock-tables --routines --triggers --events "$1") || return
  definitions=$(printf "%s\\n" "$definitions" | sed "s/^\\\\(ALTER DATABASE .\\\\)$1\\\\(. \\\\)/\\\\1$2\\\\2/; s/ AUTO_INCREMENT=[0-9]*//") || return
  printf "structure\\t%s\\t%s\\n" "$2" "$(printf "%s\\n" "$definitions" | sha256sum | cut -d" " -f1)"
}
has_database() { [ "$(sql -e "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = \\"$1\\"")" = 1 ]; }
size_of() { sql -e "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = \\"$1\\""; }
grants() {
  { echo "SET @db = \\"$1\\";"; cat <<\\SQL
SET SESSION sql_mode = 0; SET @q = CHAR(96);
SELECT "grant", CONCAT(@q, TABLE_SCHEMA, @q, ".*"), GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.SCHEMA_PRIVILEGES WHERE @db LIKE TABLE_SCHEMA
UNION SELECT "grant", CONCAT(@q, TABLE_SCHEMA, @q, ".", @q, TABLE_NAME, @q), GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = @db
UNION SELECT "grant", CONCAT(@q, TABLE_SCHEMA, @q, ".", @q, TABLE_NAME, @q), GRANTEE,
  CONCAT(PRIVILEGE_TYPE, " (", @q, COLUMN_NAME, @q, ")"), IS_GRANTABLE
FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = @db
ORDER BY 2, 3, 4;
SQL
  } | sql_in --raw
}
sha_of() { sha256sum <"$1" | cut -d" " -f1; }
free_kib() {
  place=$1
  until [ -d "$place" ]; do place=\${place%/*}; : "\${place:=/}"; done
  df -Pk -- "$place" | { read -r heading; read -r device blocks used free rest; echo "$free $device"; }
}
`;

/** Shell of the probe: sh -c SCRIPT sh OPTION-FILE DIRECTORY LABEL DATABASE... */
export const journalProbeShell = `what=database-backup login=$1 directory=$2 label=$3; shift 3
${sqlShell}${journalShell}journal=
for db; do
  if has_database "$db"; then
    size=$(size_of "$db") && part=$(shape "$db" "$db" && rows "$db" "$db") || fail "cannot read the database $db"
    printf "size\\t%s\\t%s\\n" "$db" "$size"
  else part=$(printf "absent\\t%s" "$db")
  fi
  journal="$journal$part
"
  grants "$db" || fail "cannot read what is granted on $db"
done
printf "%s" "$journal"
printf "digest\\t%s\\n" "$(printf "%s" "$journal" | sha256sum | cut -d" " -f1)"
sql -e "SELECT \\"server\\", VERSION(), @@log_bin, @@datadir" || exit 1
datadir=$(sql -e "SELECT @@datadir") || exit 1
printf "free\\tdirectory\\t%s\\n" "$(free_kib "$directory")"
printf "free\\tdata\\t%s\\n" "$(free_kib "\${datadir%/}")"
manifest=
for one in "$directory/$label"-*.manifest; do [ -f "$one" ] && manifest=$one; done
[ -n "$manifest" ] || exit 0
sed "s/^/manifest$tab/" <"$manifest" || exit 1
dump=\${manifest%.manifest}.sql
wanted=$(sed -n "s/^sha256$tab//p" <"$manifest")
if ! [ -f "$dump" ]; then printf "broken\\tit is gone\\n"
elif [ "$(sha_of "$dump")" != "$wanted" ]; then printf "broken\\tits SHA-256 is another one\\n"
fi
`;

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
