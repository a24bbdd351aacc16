
server=$(command -v redis-server || command -v valkey-server) || exit 69
command -v flock >/dev/null || exit 72
exec 3<&0 9>>"$1/redis.lock" || exit 73
flock -w "$2" 9 || exit 75
"$server" "$1/redis.conf" </dev/null >&2 3<&- &
child=$!
echo "$child"
{ read -r _ <&3; kill -TERM "$child"; } 2>/dev/null 9>&- &
watcher=$!
exec 3<&- 9>&-
wait "$child"
code=$?
kill "$watcher"
exit "$code"
