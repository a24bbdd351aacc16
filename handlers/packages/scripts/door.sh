#: A new sshd may refuse what the listener of the old one hands to it, and then nobody gets in any more. So each place where
#: logins were answered before is tried afterwards, and sshd is restarted from here, where a session still is.
greet="exec 3<>/dev/tcp/\$1/\$2 && read -r -t 8 line <&3 && [ \"\${line#SSH-}\" != \"\$line\" ]"
answers() { timeout 10 bash -c "$greet" bash "$1" "$2" </dev/null >/dev/null 2>&1; }
doors() {
  { sshd -T 2>/dev/null | sed -n "s/^listenaddress //p"; echo 127.0.0.1:22; } | sort -u | while read -r at; do
    port=${at##*:} host=${at%:*}
    host=${host#\[} host=${host%]}
    case $host in 0.0.0.0) host=127.0.0.1 ;; ::) host=::1 ;; esac
    ! answers "$host" "$port" || echo "$host $port"
  done
}
restart_ssh() {
  if [ -d /run/systemd/system ]; then systemctl restart ssh 2>/dev/null || systemctl restart sshd; else service ssh restart; fi
}
open_doors() {
  shut=$(echo "$open" | while read -r host port; do [ -z "$port" ] || answers "$host" "$port" || echo "$host $port"; done)
  [ -n "$shut" ] || return 0
  echo "$what: sshd answers no new login any more, so it is restarted"
  restart_ssh
  echo "$shut" | while read -r host port; do
    left=30
    until answers "$host" "$port"; do
      left=$((left - 1))
      [ $left -gt 0 ] || { echo "$what: sshd answers no new login at $host port $port: keep this session, and repair it by its console" >&2; exit 1; }
      sleep 1
    done
  done
}
