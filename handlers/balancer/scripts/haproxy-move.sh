#: shellcheck disable=SC2086 one word a server
# include: haproxy-socket.sh
backend=$2 state=$3 wait=$4; shift 4
# include: haproxy-set.sh
servers() {
  ask "show stat -1 4 -1" | while IFS=, read -r px sv x3 x4 scur x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 status rest; do
    [ "$px" = "$backend" ] || continue
    if [ $# -gt 0 ]; then
      for one; do [ "$one" != "$sv" ] || echo "$sv $scur $status"; done
    else
      echo "$sv $scur $status"
    fi
  done
}
found=$(servers "$@")
[ -n "$found" ] || { echo "loadbalancer: there is no backend $backend with such servers" >&2; exit 1; }
while read -r name scur status; do
  case $state-$#$status in drain-*MAINT*|ready-0MAINT*) echo "$backend/$name is in maintenance, and stays so" ;; *) set_state "$name" "$state" ;; esac
done <<END
$found
END
waited=0
while :; do
  left=$(servers "$@" | while read -r name scur status; do
    case $state-$#$status in
      drain-*) [ "$scur" = 0 ] || echo "$name ($scur open)" ;;
      ready-0MAINT*|ready-[0-9]*UP*|ready-[0-9]*DRAIN*|ready-[0-9]*"no check"*) ;;
      *) echo "$name ($status)" ;;
    esac
  done)
  [ -n "$left" ] && [ "$wait" -gt 0 ] || break
  if [ "$waited" -ge "$wait" ]; then
    echo "loadbalancer: after $wait s not $state:" $left >&2; exit 1
  fi
  [ $((waited % 15)) -ne 0 ] || echo "waiting for" $left
  sleep 1; waited=$((waited + 1))
done
echo "$backend is $state"