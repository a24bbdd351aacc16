what=restart-stale
# include: stale-of-units.sh
code=0
for unit in $(of_units "$@" | cut -d " " -f 2 | sort -u); do
  echo "$unit runs from files that are gone: restarting it"
  systemctl restart "$unit" || { echo "$what: $unit did not start again: journalctl -u $unit" >&2; code=1; }
done
exit $code