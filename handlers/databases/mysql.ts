import { z } from 'zod';
import { command, type Command } from '../contract/command.ts';

export const OptionFilePath = z
  .string()
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/\0\n]+)+$/, 'expected an absolute path such as /root/.my.cnf');

export const DatabaseName = z
  .string()
  .regex(/^[A-Za-z0-9_$]{1,64}$/, 'expected the name of a database');

/** A client option file (mode 0600) on the host. Passwords never travel in arguments, where `ps` shows them. */
export const DefaultsFile = OptionFilePath.describe(
  'The MySQL option file, on the host, that holds the login: no other one is read. Nobody else may read it: mode 0600.',
);

/** A query that cannot change anything: the session that runs it is read-only besides. */
export const CountQuery = z
  .string()
  .regex(/^\s*SELECT\b[^;]*$/i, 'expected one SELECT of one number, without a semicolon');

/** A POSIX shell script with its arguments. */
export const shellScript = (text: string, args: readonly string[]): Command =>
  command(['sh', '-c', text, 'sh', ...args]);

// The scripts hold no single quotes, so that they read the same once they are quoted. In SQL, @q is a backtick.

/**
 * Shell shared by all that speaks to a database. It needs $login, the option file, and $what, which begins every reason.
 * `sql` runs statements; `mysql` and `mysqldump` are the client programs under the name that the host has.
 */
export const sqlShell = `LC_ALL=C; export LC_ALL
tab=$(printf "\\t")
fail() { echo "$what: $*" >&2; exit 1; }
program() { for one; do command -v "$one" && return; done; fail "there is no program $1 on this host"; }
mysql=$(program mariadb mysql) || exit 1
[ -f "$login" ] && [ -r "$login" ] || fail "there is no option file $login that may be read"
case $(stat -Lc %a -- "$login") in
  *00) ;;
  *) fail "others may read the option file $login: chmod 600 $login" ;;
esac
sql() { "$mysql" --defaults-file="$login" --default-character-set=utf8mb4 --batch --skip-column-names "$@" </dev/null; }
sql_in() { "$mysql" --defaults-file="$login" --default-character-set=utf8mb4 --batch --skip-column-names "$@"; }
`;

/**
 * Shell: `revision_questions DATABASE NAME` prints the statements that read the revisions of a database, under another name.
 * Each answers a line: revision, NAME, its table, the repository (of sqlalchemy-migrate), the revision.
 */
export const revisionShell = `revision_questions() {
  { echo "SET @db = \\"$1\\", @name = \\"$2\\";"; cat <<\\SQL
SET SESSION sql_mode = 0; SET @q = CHAR(96);
SELECT CONCAT("SELECT ", QUOTE("revision"), ",", QUOTE(@name), ",", QUOTE(TABLE_NAME), ",",
  IF(TABLE_NAME = "migrate_version", "repository_id, version", CONCAT(QUOTE(""), ", version_num")),
  " FROM ", @q, @db, @q, ".", @q, TABLE_NAME, @q, " ORDER BY 1, 2, 3, 4, 5;")
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = @db AND TABLE_NAME IN ("migrate_version", "alembic_version") ORDER BY TABLE_NAME;
SQL
  } | sql_in --raw
}
`;
