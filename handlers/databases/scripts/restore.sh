#: Drops the databases and restores them from a dump that is still the verified one. It may be stopped anywhere and begun
#: again: sh -c SCRIPT sh OPTION-FILE DIRECTORY FILE SHA-256 DIGEST {DATABASE CHARSET COLLATION}...
#:
#: The binary log is left on, so that replicas go back too.
what=database-backup login=$1 directory=$2 file=$3 sha=$4 digest=$5; shift 5
umask 077
# include: sql.sh
# include: journal.sh
dump=$directory/$file
[ -f "$dump" ] || fail "the dump $dump is gone: nothing was touched"
[ "$(sha_of "$dump")" = "$sha" ] || fail "the dump $dump is not the one that was verified: nothing was touched"
list= plan= names=
while [ $# -gt 0 ]; do
  list="$list,\"$1\"" names="$names $1"
  plan="${plan}DROP DATABASE IF EXISTS \`$1\`; CREATE DATABASE \`$1\` CHARACTER SET $2 COLLATE $3;
"
  shift 3
done
using=$(sql -e "SELECT CONCAT(USER, \" from \", HOST, \" on \", DB) FROM information_schema.PROCESSLIST WHERE DB IN (${list#,}) AND ID <> CONNECTION_ID()") || exit 1
if [ -n "$using" ]; then
  printf "%s\n" "$using" | head -n 20 >&2
  fail "programs still use these databases (above): stop them, then try again; nothing was touched"
fi
echo "restoring$names from $dump"
printf "%s" "$plan" | sql_in || fail "cannot drop and make the databases anew"
sql_in --max-allowed-packet=1G <"$dump" || fail "the restore broke off: try again, it begins anew"
journal=
for db in $names; do
  part=$(shape "$db" "$db" && rows "$db" "$db") || fail "cannot read the database $db"
  journal="$journal$part
"
done
if [ "$(printf "%s" "$journal" | sha256sum | cut -d" " -f1)" != "$digest" ]; then
  printf "%s" "$journal" | diff "${dump%.sql}.journal" - | grep "^[<>]" | head -n 20 >&2
  fail "the databases are not what was dumped (above: < dumped, > restored)"
fi
echo "restored and compared:$names"
