what=package-audit
LC_ALL=C; export LC_ALL
# include: ../../services/scripts/stale-processes.sh
said=$(dpkg --audit) || exit
[ -z "$said" ] || { printf "%s\n" "$said"; echo "$what: dpkg --audit finds packages that are not whole" >&2; exit 1; }
apt-get -q check >/dev/null || exit
echo "dpkg and apt find nothing wrong"
stale_processes /proc | sort -k 2 | while read -r pid unit exe; do
  [ "$unit" = - ] || echo "still from files that are gone: $exe (process $pid, $unit)"
done