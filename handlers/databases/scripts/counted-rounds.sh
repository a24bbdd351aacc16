#: Shell: runs rounds while a query counts rows. The outputs of the program stand between the counts.
what=data-migration login=$1 database=$2 query=$3 rows=$4 rounds=$5 ok=$6 user=$7; shift 7
# include: sql.sh
# include: program.sh
# include: count.sh
left=$(count_of "$database" "$query") || fail "counting $rows: $left"
echo "before: $left $rows"
round=0
while [ "$left" -gt 0 ]; do
  round=$((round + 1))
  [ "$round" -le "$rounds" ] || fail "$left $rows left after $rounds rounds, and no more are allowed"
  as "$user" "$@" </dev/null; code=$?
  case " $ok " in
    *" $code "*) ;;
    *) fail "round $round: $1 ended with exit $code, with $left $rows before it" ;;
  esac
  now=$(count_of "$database" "$query") || fail "counting $rows: $now"
  echo "round $round: $now $rows left"
  [ "$now" -eq 0 ] || [ "$now" -lt "$left" ] || fail "round $round made no progress: $now $rows left"
  left=$now
done
echo "done: 0 $rows left"
