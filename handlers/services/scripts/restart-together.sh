#: Restarts those that run, beside each other. All stop before the first one starts: units that share a directory in /run
#: (RuntimeDirectory=) take it away from each other as they stop, and one that starts right then fails with 233. What is stopped
#: is written down, so that another try starts it, too.
what=restart-together
# include: comes-up.sh
stopped=/run/hopscotch-restart
for unit; do
  shift
  case $(systemctl show --property=ActiveState "$unit") in
    ActiveState=inactive | ActiveState=failed) grep -qsxF "$unit" "$stopped" || continue ;;
  esac
  set -- "$@" "$unit"
done
[ $# -gt 0 ] || exit 0
printf "%s\n" "$@" >"$stopped" || exit
systemctl stop "$@" || exit
code=0
if ! systemctl start "$@"; then
  for unit; do
    systemctl is-active -q "$unit" || comes_up "$unit" || { echo "$what: $unit did not start again: journalctl -u $unit" >&2; code=1; }
  done
fi
[ "$code" -ne 0 ] || rm -f "$stopped"
exit "$code"