# include: ../../../../../handlers/services/scripts/stale-processes.sh
line() { printf "%s\t%s\n" "$1" "$2"; }
. /etc/os-release 2>/dev/null && line codename "${VERSION_CODENAME:-}"
for name in chronyd ntpd openntpd systemd-timesyn; do
  pgrep -x "$name" >/dev/null 2>&1 && line clock-unit "$name"
done
line clock-synchronized "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
stale_processes /proc | while read -r pid unit program; do
  [ "$unit" = - ] || line stale "${unit%.service}"
done
for one in /etc/keystone /etc/glance /etc/placement /etc/nova /etc/neutron /etc/cinder /etc/heat /etc/octavia \
  /etc/barbican /etc/designate /etc/manila /etc/ironic /etc/magnum /etc/openstack-dashboard; do
  [ -d "$one" ] || continue
  find "$one" -maxdepth 2 -name policy.json -exec printf "policy-json\t%s\n" {} \;
  find "$one" -maxdepth 3 \( -name "*.dpkg-dist" -o -name "*.dpkg-new" -o -name "*.dpkg-old" -o -name "*.ucf-dist" -o -name "*.ucf-old" \) \
    -exec printf "conffile\t%s\n" {} \;
  find "$one" -maxdepth 2 -name "*.conf" -exec awk -v file={} "
    /^[[:space:]]*\[/ { inside = (\$0 ~ /^[[:space:]]*\[upgrade_levels\]/) }
    inside && /^[[:space:]]*[a-z_]+[[:space:]]*=/ { sub(/^[[:space:]]+/, \"\"); print \"pin\t\" \$0 \" in \" file }
  " {} \;
done
[ -e /usr/sbin/policy-rc.d ] && line policy-rc.d /usr/sbin/policy-rc.d
apt-mark showhold 2>/dev/null | while read -r one; do line hold "$one"; done
[ -e /run/reboot-required ] && line reboot-required "$(sort -u /run/reboot-required.pkgs 2>/dev/null | tr "\n" " ")"
for unit in unattended-upgrades.service apt-daily-upgrade.timer; do
  [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ] && line unattended "$unit"
done
df -Pk /var/cache/apt /usr /boot 2>/dev/null | awk "NR > 1 && !seen[\$6]++ && \$6 != \"/boot\" { print \"disk\t\" \$6 \"\t\" \$4 }"
command -v libvirtd >/dev/null && printf "virt\tlibvirt\t%s\n" "$(libvirtd --version 2>/dev/null | awk "{ print \$NF }")"
command -v qemu-system-x86_64 >/dev/null && printf "virt\tQEMU\t%s\n" "$(qemu-system-x86_64 --version 2>/dev/null | awk "NR == 1 { print \$4 }")"
line end here
