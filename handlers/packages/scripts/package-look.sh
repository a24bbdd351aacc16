#: shellcheck disable=SC2086 one word a unit
what=look-at-host
LC_ALL=C; export LC_ALL
mode=$1; shift
# include: kept.sh
[ ! -r /etc/os-release ] || (. /etc/os-release; echo "codename ${VERSION_CODENAME:-}")
# Testing and unstable of Debian call themselves by one name, which is that of testing: forky/sid.
[ ! -r /etc/debian_version ] || sed -n "s,^[a-z]*/\([a-z]*\)\$,rolling \1,p" /etc/debian_version
! grep -qs "^# Hopscotch: " /usr/sbin/policy-rc.d || echo "held yes"
if [ -d /run/systemd/system ]; then
  units=$(systemctl list-unit-files --type=service --state=enabled --no-legend --plain --no-pager | sed -n "/@\.service/!s/ .*//p")
  [ -z "$units" ] || systemctl show --property=Id,Type,ActiveState,SubState $units | awk -F= "
    function told() {
      if (is[\"SubState\"] == \"running\") print \"running \" is[\"Id\"]
      else if (is[\"Type\"] != \"oneshot\" && is[\"ActiveState\"] != \"active\") print \"down \" is[\"Id\"]
      split(\"\", is)
    }
    NF > 1 { is[\$1] = \$2 }
    NF == 0 { told() }
    END { if (is[\"Id\"] != \"\") told() }"
fi
for name in "$@"; do
  if [ -d /run/systemd/system ]; then systemctl -q is-active "$name"; else service "$name" status >/dev/null 2>&1; fi && echo "up $name"
done
[ "$mode" = full ] || exit 0
if said=$(apt-get --simulate full-upgrade 2>&1); then
  printf "%s\n" "$said" | sed -n "s/^\(Inst\|Remv\) /pending &/p"
  printf "%s\n" "$said" | kept
else
  printf "%s\n" "$said" | sed -n "s/^E: /refused /p"
fi
exit 0