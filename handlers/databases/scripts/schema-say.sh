what=schema-sync login=$1 databases=$2
# include: sql.sh
# include: revision.sh
for database in $databases; do
  questions=$(revision_questions "$database" "$database") || exit 1
  rows=$(sql -e "SELECT 1 WHERE 0; $questions") || exit 1
  printf "%s\n" "$rows" | awk -F "$tab" "{ print \$2 \": \" \$3 \" says \" \$5 }"
done
