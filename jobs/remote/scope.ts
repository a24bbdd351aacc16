/** The unit of systemd that an execution runs in, where there is one: all that it starts stays in it. */
export const scopeUnit = (id: string): string => `hopscotch-${id}.scope`;

/**
 * Shell that moves the process that runs it into a scope of its own, where systemd is and lets us: then what an execution
 * started is known whatever it did, and outlives the login. `scoped` says whether it came about. A host where it does not
 * is no worse off than one without systemd.
 */
export const joinScopeShell = (id: string, become: boolean): string =>
  `
scoped=
join_scope() {
  [ -d /run/systemd/system ] && command -v busctl >/dev/null || return
  root=
  [ "$(id -u)" = 0 ] || root=${become ? "'sudo -n'" : 'false'}
  $root busctl --timeout=5 --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1 \\
    org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' \\
    ${scopeUnit(id)} fail 3 PIDs au 1 $$ CollectMode s inactive-or-failed Description s 'A step of Hopscotch' 0 \\
    </dev/null >/dev/null 2>&1 || return
  tries=0
  until case $(cat /proc/$$/cgroup) in */${scopeUnit(id)}*) true ;; *) false ;; esac; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || return
    sleep 0.05
  done
  scoped=scoped
}
join_scope
`.trimStart();
