what=schema-sync login=$1 databases=$2 user=$3 program=$4; shift 4
# include: sql.sh
# include: revision.sh
# include: program.sh
# include: count.sh
program_line "$user" "$program"
for database in $databases; do
  has=$(sql -e "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = \"$database\"") || exit 1
  [ "$has" = 1 ] || { printf "absent\t%s\n" "$database"; continue; }
  questions=$(revision_questions "$database" "$database") || exit 1
  sql -e "SELECT 1 WHERE 0; $questions" || exit 1
done
while [ $# -gt 0 ]; do
  count_line "$1" "$2"
  shift 2
done
