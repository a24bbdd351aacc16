import { toShell } from '../../handlers/contract/command.ts';

/** The unit of systemd that an execution runs in, where there is one: all that it starts stays in it. */
export const scopeUnit = (id: string): string => `hopscotch-${id}.scope`;

/** What asks systemd for the scope of an execution; `PID` is the process that goes into it. */
export const scopeCall = (id: string): readonly string[] => [
  ...'busctl --timeout=5 --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1'.split(
    ' ',
  ),
  ...'org.freedesktop.systemd1.Manager StartTransientUnit ssa(sv)a(sa(sv))'.split(' '),
  scopeUnit(id),
  ...'fail 3 PIDs au 1 PID CollectMode s inactive-or-failed Description s'.split(' '),
  'A step of Hopscotch',
  '0',
];

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
  $root ${scopeCall(id)
    .map((word) => (word === 'PID' ? '$$' : toShell([word])))
    .join(' ')} \\
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
