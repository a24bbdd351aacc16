#: Dumps databases as one consistent snapshot, restores the dump under other names and compares it with what was dumped.
#: Only then does it get its name: sh -c SCRIPT sh OPTION-FILE DIRECTORY LABEL SCRATCH-PREFIX DATABASE...
#:
#: Nothing is piped, but for the restore, whose both ends are looked at: a pipe has only the exit code of its end. A second
#: session shares the moment of the dump, so that rows which programs write meanwhile are no difference.
#: shellcheck disable=SC2086,SC2116 one word a client, on one line
#: shellcheck disable=SC2261 empties several files at once
#: shellcheck disable=SC2028 sed reads the backslashes
#: shellcheck disable=SC1087 the bracket belongs to the pattern
what=database-backup login=$1 directory=$2 label=$3 prefix=$4; shift 4
umask 077
trap "" PIPE
# include: sql.sh
# include: journal.sh
for tool in sha256sum mkfifo df sed grep cmp diff stat; do
  command -v "$tool" >/dev/null || fail "there is no program $tool on this host"
done
for db; do
  has_database "$db" || fail "there is no database $db on this server"
done
[ -d "$directory" ] || mkdir -p -- "$directory" || fail "cannot make the directory $directory"
case $(stat -Lc %a -- "$directory") in
  *00) ;;
  *) fail "others may look into $directory, and dumps hold passwords: chmod 700 $directory" ;;
esac

work=$directory/.unfinished scratches=$directory/.scratch snapshot= dump=
unlogged() { sql --init-command="SET SESSION sql_log_bin = 0" "$@"; }
drop_scratch() {
  [ -f "$scratches" ] || return 0
  while read -r one; do
    unlogged -e "DROP DATABASE IF EXISTS \`$one\`" || return
  done <"$scratches"
  rm -f -- "$scratches"
}
leave() {
  code=$?
  trap "" TERM INT HUP
  for pid in $snapshot $dump; do kill "$pid" 2>/dev/null; done
  wait
  drop_scratch || { echo "$what: these databases are left behind: $(cat "$scratches")" >&2; [ "$code" != 0 ] || code=1; }
  rm -rf -- "$work"
  exit "$code"
}
drop_scratch || fail "cannot drop what an earlier attempt left behind"
rm -rf -- "$work" && mkdir -- "$work" || fail "cannot write to $directory"
trap leave EXIT
trap "exit 143" TERM INT HUP

data=0 tables=0
for db; do
  size=$(size_of "$db") || fail "cannot read the size of $db"
  data=$((data + size / 1024))
done
datadir=$(sql -e "SELECT @@datadir") || exit 1
set_room() { room=${1%% *} device=${1#* }; }
set_room "$(free_kib "$directory")"; dump_room=$room dump_device=$device
set_room "$(free_kib "${datadir%/}")"
need_dump=$((data * 2)) need_data=$((data * 5 / 4))
[ "$device" = "$dump_device" ] && need_dump=$((need_dump + need_data))
[ "$dump_room" -ge "$need_dump" ] || fail "$directory has room for $((dump_room / 1024)) MiB, and $((need_dump / 1024)) MiB are needed for $((data / 1024)) MiB of data"
[ "$room" -ge "$need_data" ] || fail "$datadir has room for $((room / 1024)) MiB, and the restored copy needs $((need_data / 1024)) MiB"

new=$work/dump.sql said=$work/said rows=$work/rows
position=
[ "$(sql -e "SELECT @@log_bin")" = 0 ] || position=--master-data=2
gtid=
"$mysqldump" --help 2>/dev/null | grep -q set-gtid-purged && gtid=--set-gtid-purged=OFF
: >"$work/live" >"$work/questions" >"$work/allowed"
for db; do
  shape "$db" "$db" >>"$work/live" && row_questions "$db" "$db" >>"$work/questions" || fail "cannot read the database $db"
  echo "USE \`$db\`;" >>"$work/allowed"
done
using=$(sql -e "SELECT CONCAT(USER, \" on \", DB) FROM information_schema.PROCESSLIST WHERE DB IN ($(printf ",\"%s\"" "$@" | cut -c2-)) AND ID <> CONNECTION_ID()" | sort -u)
[ -z "$using" ] || echo "still connected, so what they write from now on is not in the dump: $(echo $using)"

started=$(date -u "+%Y-%m-%d %k:%M:%S")
created=$(date -u +%Y-%m-%dT%H:%M:%SZ)
: >"$new" >"$rows"
mkfifo "$work/ask" || fail "cannot make a pipe in $directory"
sql_in --unbuffered <"$work/ask" >"$rows" 2>"$said.snapshot" &
snapshot=$!
exec 9>"$work/ask"
echo "SET SESSION lock_wait_timeout = 60; $session FLUSH TABLES WITH READ LOCK; START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT \"locked\";" >&9
until grep -q "^locked" "$rows"; do
  kill -0 "$snapshot" 2>/dev/null || fail "cannot begin a snapshot: $(cat "$said.snapshot")"
  sleep 0.1
done
TZ=UTC0 "$mysqldump" --defaults-file="$login" --single-transaction --routines --triggers --events --hex-blob \
  --default-character-set=utf8mb4 --max-allowed-packet=1G $position $gtid --databases "$@" </dev/null >"$new" 2>"$said" 9>&- &
dump=$!
tries=0
# While this waits, nobody can write.
while kill -0 "$dump" 2>/dev/null && ! grep -q "^USE " "$new"; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "the dump did not begin within 30 s: $(cat "$said")"
  sleep 0.1
done
echo "UNLOCK TABLES;" >&9
cat "$work/questions" >&9
exec 9>&-
wait "$dump"; code=$?; dump=
wait "$snapshot"; counted=$?; snapshot=
[ "$code" = 0 ] || fail "the dump ended with exit $code: $(cat "$said")"
[ "$counted" = 0 ] || fail "cannot count what was dumped: $(cat "$said.snapshot")"
sed 1d "$rows" >>"$work/live" || exit 1

last=$(tail -n 1 "$new")
case $last in
  "-- Dump completed on "*) ;;
  *) fail "the dump is cut short: its last line is not \"-- Dump completed\"" ;;
esac
expr "x${last#-- Dump completed on }" \>= "x$started" >/dev/null || fail "the dump is an old one: ${last#-- }, and this step began at $started"
grep -a "^USE " "$new" | sort -u >"$work/used"
sort -u "$work/allowed" | cmp -s - "$work/used" || fail "the dump holds other databases than $*: $(tr "\n" " " <"$work/used")"
# Such a statement would reach the real database from a copy of it.
! grep -aqE "^(/[*]![0-9]+ )?(INSERT|REPLACE|CREATE|ALTER|DROP|LOCK|TRUNCATE|UPDATE|DELETE|RENAME)[A-Z ]* \`[^\`]+\`[.]\`" "$new" || fail "the dump names tables together with their database, so it cannot be tried out under other names"
bytes=$(wc -c <"$new")
least=$(sed -n "s/^table$tab//p" "$work/live" | { sum=0; while IFS="$tab" read -r db table count rest; do sum=$((sum + count * 4 + 60)); done; echo "$sum"; })
[ "$bytes" -ge "$least" ] || fail "the dump has $bytes bytes, too few for its rows ($least at least)"
sha=$(sha_of "$new") && sync || exit 1

for db; do
  ! has_database "$prefix$db" || fail "there is a database $prefix$db already, and this step did not make it"
  echo "$prefix$db" >>"$scratches"
done
: >"$work/script"
for db; do
  charset=$(sed -n "s/^charset$tab$db$tab//p" "$work/live")
  unlogged -e "CREATE DATABASE \`$prefix$db\` CHARACTER SET $(echo "$charset" | cut -f1) COLLATE $(echo "$charset" | cut -f2)" || fail "cannot make the database $prefix$db"
  echo "s/^USE \`$db\`;/USE \`$prefix$db\`;/; s/^\(ALTER DATABASE .\)$db\(. \)/\1$prefix$db\2/" >>"$work/script"
done
{ sed -e "/^CREATE DATABASE /d" -f "$work/script" "$new"; echo $? >"$work/sed"; } |
  sql_in --init-command="SET SESSION sql_log_bin = 0" --max-allowed-packet=1G >"$said" 2>&1
code=$?
[ "$code $(cat "$work/sed")" = "0 0" ] || fail "the dump cannot be restored: $(cat "$said")"
: >"$work/restored.rows" >"$work/restored"
for db; do
  shape "$prefix$db" "$db" >>"$work/restored" && rows "$prefix$db" "$db" >>"$work/restored.rows" || fail "cannot read the database $prefix$db"
done
cat "$work/restored.rows" >>"$work/restored" || exit 1
if ! cmp -s "$work/live" "$work/restored"; then
  diff "$work/live" "$work/restored" | grep "^[<>]" | head -n 20 >&2
  fail "the restored dump is not what was dumped (above: < dumped, > restored)"
fi
drop_scratch || fail "cannot drop the restored copy"

: >"$work/journal"
for db; do
  grep -E "^(charset|objects|structure)$tab$db$tab" "$work/live" >>"$work/journal"
  sed -n "/^table$tab$db$tab/p; /^revision$tab$db$tab/p" "$work/live" >>"$work/journal"
done
name=$label-$(date -u +%Y%m%dT%H%M%SZ)
while [ -e "$directory/$name.sql" ] || [ -e "$directory/$name.manifest" ]; do
  sleep 1
  name=$label-$(date -u +%Y%m%dT%H%M%SZ)
done
{
  printf "file\t%s\ncreatedAt\t%s\nlabel\t%s\n" "$name.sql" "$created" "$label"
  printf "server\t%s\n" "$(sql -e "SELECT VERSION()")"
  printf "databases\t%s\nsizeBytes\t%s\nsha256\t%s\n" "$*" "$bytes" "$sha"
  printf "digest\t%s\n" "$(sha_of "$work/journal")"
  for db; do grants "$db" || exit 1; done
} >"$work/manifest" || fail "cannot write the manifest"
mv -- "$new" "$directory/$name.sql" && mv -- "$work/journal" "$directory/$name.journal" &&
  sync && mv -- "$work/manifest" "$directory/$name.manifest" && sync || fail "cannot write to $directory"
echo "dumped, restored and compared: $directory/$name.sql, $bytes bytes, SHA-256 $sha"
sed -n "s/^revision$tab\([^$tab]*\)$tab[^$tab]*$tab\(.*\)/  \1 at revision \2/p" "$directory/$name.journal" | tr "$tab" " "
