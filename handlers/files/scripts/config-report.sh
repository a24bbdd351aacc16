#: shellcheck disable=SC2086 words of ours
LC_ALL=C; export LC_ALL
config=$1 log=$2 service=$3; shift 3
own=$config.hopscotch-own new=$config.hopscotch-debug was=$config.hopscotch-ran
restart=; while [ "$1" != -- ]; do restart="$restart $1"; shift; done; shift
stop=; while [ "$1" != -- ]; do stop="$stop $1"; shift; done; shift
[ -f "$config" ] || { echo "config-report: there is no $config" >&2; exit 1; }
from=0; [ ! -f "$log" ] || from=$(($(wc -c <"$log")))
# Whether it ran before an attempt that was killed.
ran=$(cat -- "$was" 2>/dev/null) || {
  ran=yes; "$@" >/dev/null 2>&1 || ran=no
  echo $ran >"$was" || exit
}
# include: ../../services/scripts/says-it-runs.sh
back() {
  trap - EXIT HUP INT TERM
  rm -f -- "$new"
  [ ! -e "$own" ] || mv -f -- "$own" "$config" || exit 1
  if [ $ran = yes ]; then $restart && says_it_runs "$@"; else $stop; fi || { echo "config-report: $service did not come back" >&2; exit 1; }
  rm -f -- "$was"
}
trap "back \"\$@\"; exit 1" EXIT HUP INT TERM
[ ! -e "$own" ] || mv -f -- "$own" "$config" || exit
ln -- "$config" "$own" && cp -p -- "$config" "$new" || exit
debug="debug = True"
{
  grep -q "^\[DEFAULT\]" "$own" || printf "%s\n" "[DEFAULT]" "$debug"
  sed -e "/^\[DEFAULT\]/,/^\[/{/^debug[[:blank:]]*[=:]/d;}" -e "/^\[DEFAULT\]/a $debug" "$own"
} >"$new" && mv -f -- "$new" "$config" || exit
$restart || exit
# The log is complete when it has not grown for three seconds; a minute is the longest.
size=-1 still=0 waited=0
while [ $still -lt 3 ] && [ $waited -lt 60 ]; do
  sleep 1
  now=0; [ ! -f "$log" ] || now=$(($(wc -c <"$log")))
  if [ $now = $size ]; then still=$((still + 1)); else still=0 size=$now; fi
  waited=$((waited + 1))
done
# A smaller log was rotated meanwhile.
[ $size -ge $from ] || from=0
said=$(tail -c +$((from + 1)) -- "$log" 2>/dev/null | grep -i -a deprecat | sed "s/^[0-9][-0-9T:., ]* //; s/^[0-9]* //" | sort -u)
back "$@"
if [ -n "$said" ]; then
  echo "$service on deprecated options:"; printf "%s\n" "$said"
else
  echo "$service reports no deprecated option in $log"
fi