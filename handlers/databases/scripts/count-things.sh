#: Counts by read-only queries: `OPTION_FILE [DATABASE QUERY]...`, a line each, the number or why there is none.
what=count login=$1; shift
# include: sql.sh
# include: count.sh
while [ $# -gt 0 ]; do
  count_line "$1" "$2"
  shift 2
done
