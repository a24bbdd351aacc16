data=$(sql information_schema "SELECT @@datadir") || exit 1
free() {
  at=$2
  while [ ! -d "$at" ]; do at=$(dirname -- "$at"); done
  printf "%s\t%s\n" "$1" "$(df -Pk -- "$at" | awk "NR == 2 { print \$4 \"\t\" \$1 }")"
}
free backups "$2"
free data "$data"