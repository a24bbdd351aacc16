#: shellcheck disable=SC2002 A file that is not there is said by nobody.
#: shellcheck disable=SC2043 A list stands there when it runs.
#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
#: shellcheck disable=SC2170 A number stands there when it runs.
__REMOTE__
[ -r /proc/$$/stat ] || fail 'reading /proc'
__NEED_TOOLS__
for tool in __TOOLS__; do
  command -v $tool >/dev/null || fail "$tool is missing"
done
umask 077
free=
said=$({ mkdir -p "$b" && printf 'room' >"$b/.room.__MARK__"; } 2>&1) && free=$(room "$b")
rm -f "$b/.room.__MARK__"
[ -n "$free" ] || unwritable "$b" "$said"
[ "$free" -ge __ROOM__ ] || fail "the disk is nearly full: $b has $free KiB of room, __ROOM__ KiB are needed"
__NEED_SUDO__
__SUDO_ALLOWED__
# Where logind ends what a login leaves behind, a step would die with its connection.
if [ "$(id -u)" != 0 ] && command -v busctl >/dev/null; then
  ends=$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null)
  [ "$ends" != 'b true' ] || fail 'logind ends processes at logout (KillUserProcesses=yes in logind.conf), so no step would survive its connection'
fi
# Without pam_systemd a login is part of the unit of sshd, and so is what it leaves behind.
unit=$(cat /proc/self/cgroup 2>/dev/null | { found=; while read -r line; do case $line in */ssh*.service) found=${line##*/} ;; esac; done; echo "$found"; })
case $unit in
  ssh.service | sshd.service | ssh@*.service | sshd@*.service)
    kills=$(systemctl show --property=KillMode "$unit" 2>/dev/null)
    case $kills in
      KillMode=control-group | KillMode=mixed) fail "logins are part of $unit, whose end ends all of it ($kills; pam_systemd gives each login a session of its own), so no step would survive its connection" ;;
    esac ;;
esac
say boot $boot_now
say free $free
say home "$HOME"
__PRUNE__