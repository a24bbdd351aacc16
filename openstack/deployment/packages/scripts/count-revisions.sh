#: Each compute writes into the database of its own cell.
#: shellcheck disable=SC2086 one word a database
file=$1 version=$2 databases=$3; shift 3
client=$(command -v mariadb || command -v mysql) || exit 127
wanted=$# names=$(printf "\"%s\"," "$@")
query="SELECT host FROM services WHERE topic = \"compute\" AND deleted = 0 AND host IN (${names%,})
AND version >= $version AND last_seen_up > UTC_TIMESTAMP() - INTERVAL 60 SECOND"
up=$(for database in $databases; do
  "$client" "--defaults-extra-file=$file" --batch --skip-column-names --execute "$query" "$database" || exit 2
done) || exit 2
missing=$(for name; do echo "$up" | grep -qxF "$name" || echo "$name"; done)
[ -z "$missing" ] || { echo "not up with the new release yet:" $missing >&2; exit 1; }
echo "$wanted nova-compute up with version $version or later"