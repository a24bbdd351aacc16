
scoped=
join_scope() {
  [ -d /run/systemd/system ] && command -v busctl >/dev/null || return
  root=
  [ "$(id -u)" = 0 ] || root=__ROOT__
  $root __CALL__ \
    </dev/null >/dev/null 2>&1 || return
  tries=0
  until case $(cat /proc/$$/cgroup) in */__SCOPE__*) true ;; *) false ;; esac; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || return
    sleep 0.05
  done
  scoped=scoped
}
join_scope
