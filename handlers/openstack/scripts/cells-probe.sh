#: Bash: SCRIPT OPTION-FILE DATABASE STYLE prints a line for every cell: its id, name, whether it is disabled, its database, what
#: the hosts of that and of its message queue say, how many computes it has and which of them are not mapped. Style `people`
#: words it. The URLs of cells hold passwords, which are cut out before anything else is done with them.
what=cells login=$1 database=$2 style=$3
# include: ../../databases/scripts/sql.sh

answers() { timeout 5 bash -c "exec 3<>/dev/tcp/\$0/\$1" "$1" "$2" 2>/dev/null && echo "$1:$2 answers" || echo "$1:$2 does not answer"; }
places() {
  at=${1#*://}; at=${at%%/*}; said=
  case $1 in *unix_socket*) at= ;; esac
  case $at in "" | *[\{\}]*) echo "not asked"; return ;; esac
  for one in $(printf "%s" "$at" | tr "," " "); do
    case $one in
      *]) host=$one port=$2 ;;
      *:*) host=${one%:*} port=${one##*:} ;;
      *) host=$one port=$2 ;;
    esac
    host=${host#[}
    said="$said${said:+, }$(answers "${host%]}" "$port")"
  done
  echo "$said"
}
has_table() { [ "$(sql -e "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = \"$1\" AND TABLE_NAME = \"$2\"")" = 1 ]; }
computes() {
  case $1 in "" | *[!A-Za-z0-9_]*) return ;; esac
  has_table "$1" services || return 0
  sql -e "SELECT COUNT(*), COALESCE(GROUP_CONCAT(IF(m.id IS NULL, s.host, NULL) ORDER BY s.host SEPARATOR \" \"), \"\")
    FROM $1.services s LEFT JOIN $database.host_mappings m ON m.host = s.host WHERE s.topic = \"compute\" AND s.deleted = 0"
}
cells() {
  printf "%s\n" "$mappings" | while IFS=$tab read -r uuid name disabled db mq; do
    [ -n "$uuid" ] || continue
    schema=${db%%\?*}; schema=${schema##*/} place="not asked" queue="not asked"
    case $mq in none:*) ;; *) queue=$(places "$mq" 5672) ;; esac
    case $db in mysql*) place=$(places "$db" 3306) ;; esac
    counted=$(computes "$schema") || fail "cannot count the computes of cell $name"
    printf "cell\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n" "$uuid" "$name" "$disabled" "$schema" "$place" "$queue" "$counted"
  done
}
has_table "$database" cell_mappings || { printf "none\n"; exit 0; }
mappings=$(sql -e "SELECT uuid, COALESCE(NULLIF(name, \"\"), \"-\"), disabled, database_connection, transport_url FROM $database.cell_mappings ORDER BY id" |
  sed -E "s#(://|,)[^/@,]*@#\1#g") || exit 1
if [ "$style" = people ]; then
  cells | awk -F "\t" "{ printf \"%s%s: database %s (%s), messages: %s%s%s\\n\", \$3, (\$4 == 1 ? \" (disabled)\" : \"\"), \$5, \$6, \$7,
    (\$8 == \"\" ? \"\" : \", computes: \" \$8), (\$9 == \"\" ? \"\" : \", not mapped: \" \$9) }"
else cells
fi
