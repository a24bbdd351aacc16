#: Shell: `count_of DATABASE QUERY` answers one number, `count_line` prints it as data, or why there is none. It needs
#: `sql_in`. The session is read-only, where the server knows that (MySQL 5.6.5, MariaDB 10.0).
count_of() {
  number=$(printf "%s\n" "/*!50605 SET SESSION TRANSACTION READ ONLY */;" "$2;" | sql_in "$1" 2>&1) || { echo "$number"; return 1; }
  case $number in
    "" | *[!0-9]*) echo "the query answered \"$number\", not one number"; return 1 ;;
    *) echo "$number" ;;
  esac
}
count_line() {
  if answer=$(count_of "$1" "$2"); then printf "count\t%s\t\n" "$answer"
  else printf "count\t\t%s\n" "$(printf "%s" "$answer" | tr "\t\n" "  ")"
  fi
}
