line() { printf "%s\t%s\t%s\t%s\n" "$@"; }
for package in ovn-central ovn-host; do
  version=$(dpkg-query --show --showformat="\${db:Status-Status} \${Version}" "$package" 2>/dev/null)
  case $version in installed*) line "$package" "${version#installed }" ;; esac
done
if [ -n "$(command -v ovn-controller)" ] && [ -n "$(pgrep -x ovn-controller)" ]; then
  line controller "$(ovn-appctl -t ovn-controller connection-status 2>&1 | head -n 1)"
  line match "$(ovs-vsctl --if-exists get Open_vSwitch . external_ids:ovn-match-northd-version 2>/dev/null | tr -d "\"")"
fi
for one in nb:OVN_Northbound sb:OVN_Southbound; do
  socket=/var/run/ovn/ovn${one%%:*}_db.ctl
  [ -S "$socket" ] || continue
  said=$(ovs-appctl -t "$socket" cluster/status "${one#*:}" 2>/dev/null)
  if [ -z "$said" ] && ovs-appctl -t "$socket" version >/dev/null 2>&1; then
    line database "${one#*:}" standalone "cluster member"
  else
    line database "${one#*:}" "$(echo "$said" | sed -n "s/^Role: //p")" "$(echo "$said" | sed -n "s/^Status: //p")"
  fi
done
exit 0