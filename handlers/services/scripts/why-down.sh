#: OpenStack's programs say why they end in their own log alone, as CRITICAL; an older line of it is about an older start.
what=why-down
LC_ALL=C; export LC_ALL
unit=$1 logs=$2
command -v systemctl >/dev/null || exit 0
show() { systemctl show --property="$1" --value "$unit"; }
[ "$(show ActiveState)" != active ] || exit 0
echo "$unit is $(show ActiveState) ($(show SubState), $(show Result))"
left=$(show InactiveExitTimestamp)
[ -n "$left" ] || exit 0
# Where systemd tries again by itself, that is when the start failed.
began=$(date -d "$left 30 seconds ago" "+%F %T")
journalctl --unit="$unit" --since="$began" --lines=8 --no-pager --quiet --output=cat 2>/dev/null
for log in "$logs"/*/"${unit%.service}".log; do
  [ -r "$log" ] || continue
  tail -n 500 "$log" | awk -v began="$began" "
    substr(\$0, 1, 19) >= began && / (CRITICAL|ERROR) / { print substr(\$0, 1, 500) }" | tail -n 4
done
exit 0