login=$1
mysql=$(command -v mariadb || command -v mysql) || { echo "there is no program mysql on this host" >&2; exit 127; }
sql() { timeout 20 "$mysql" --defaults-file="$login" --batch --skip-column-names --execute "$2" "$1" </dev/null; }
