#: Shell: `revision_questions DATABASE NAME` prints the statements that read the revisions of a database, under another name.
#: Each answers a line: revision, NAME, its table, the repository (of sqlalchemy-migrate), the revision.
revision_questions() {
  { echo "SET @db = \"$1\", @name = \"$2\";"; cat <<\SQL
SET SESSION sql_mode = 0; SET @q = CHAR(96);
SELECT CONCAT("SELECT ", QUOTE("revision"), ",", QUOTE(@name), ",", QUOTE(TABLE_NAME), ",",
  IF(TABLE_NAME = "migrate_version", "repository_id, version", CONCAT(QUOTE(""), ", version_num")),
  " FROM ", @q, @db, @q, ".", @q, TABLE_NAME, @q, " ORDER BY 1, 2, 3, 4, 5;")
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = @db AND TABLE_NAME IN ("migrate_version", "alembic_version") ORDER BY TABLE_NAME;
SQL
  } | sql_in --raw
}
