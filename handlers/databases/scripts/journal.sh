#: In SQL, @q is a backtick.
#: Shell: `row_questions DATABASE NAME` prints statements that count the rows of each table and sum up their content, as
#: text, as a dump has it; so it is the same for a table and for the same table restored.
#: `shape DATABASE NAME` prints what there is besides rows, and `grants DATABASE` who may do what.
# include: revision.sh
mysqldump=$(program mariadb-dump mysqldump) || exit 1
row_questions() {
  { echo "SET @db = \"$1\", @name = \"$2\";"; cat <<\SQL
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
session="SET SESSION sql_mode = 0; SET SESSION time_zone = \"+00:00\"; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
rows() {
  questions=$(row_questions "$1" "$2") || return
  sql_in <<SQL
$session
START TRANSACTION WITH CONSISTENT SNAPSHOT;
$questions
SQL
}
shape() {
  { echo "SET @db = \"$1\", @name = \"$2\";"; cat <<\SQL
SET SESSION sql_mode = 0;
SELECT "charset", @name, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @db;
SELECT "objects", @name, "tables", COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @db AND TABLE_TYPE = "BASE TABLE";
SELECT "objects", @name, "views", COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @db;
SELECT "objects", @name, "triggers", COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @db;
SELECT "objects", @name, "routines", COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @db;
SELECT "objects", @name, "events", COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = @db;
SQL
  } | sql_in || return
  definitions=$("$mysqldump" --defaults-file="$login" --default-character-set=utf8mb4 --no-data --skip-comments \
    --skip-dump-date --single-transaction --skip-lock-tables --routines --triggers --events "$1") || return
  definitions=$(printf "%s\n" "$definitions" | sed "s/^\\(ALTER DATABASE .\\)$1\\(. \\)/\\1$2\\2/; s/ AUTO_INCREMENT=[0-9]*//") || return
  printf "structure\t%s\t%s\n" "$2" "$(printf "%s\n" "$definitions" | sha256sum | cut -d" " -f1)"
}
has_database() { [ "$(sql -e "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = \"$1\"")" = 1 ]; }
size_of() { sql -e "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = \"$1\""; }
grants() {
  { echo "SET @db = \"$1\";"; cat <<\SQL
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
  until [ -d "$place" ]; do place=${place%/*}; : "${place:=/}"; done
  df -Pk -- "$place" | { read -r heading; read -r device blocks used free rest; echo "$free $device"; }
}
