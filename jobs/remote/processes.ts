import { scopeUnit } from './scope.ts';
import { executionShell } from './script.ts';
import { toShell } from '../../handlers/contract/command.ts';

/**
 * Shell that finds the processes of an execution. `scan` adds to `members` every process that belongs to it, as
 * `pid:start`, and lists in `living` those that are alive: the session that it started, all their descendants, the sessions
 * that these lead, and all that is in its scope. Members stay members when their parent dies. We and our ancestors never
 * are. `limited` is set where the host hides the processes of others. `members` is to be filled before the first `scan`.
 */
export const processesOf = (id: string): string => `${inScope(id)}${membership}`;

const membership = `
members=" " turn=0 ours=" " p=$$ limited= pid=
stat_of 1 || limited=yes
while [ "$p" -gt 1 ] && stat_of $p; do
  ours="$ours$p "
  p=$parent
done
is_member() {
  eval "seen=\\\${t_$1:-}"
  case $seen in $turn.*) ;; *) return 1 ;; esac
  case $members in *" $1:\${seen#*.} "*) return 0 ;; esac
  return 1
}
# While anything is left of a session, its number goes to no other process.
is_session() {
  eval "seen=\\\${t_$1:-}"
  case $seen in $turn.*) is_member $1; return ;; esac
  case $members in *" $1:"*) return 0 ;; esac
  return 1
}
scan() {
  turn=$((turn + 1)) all=
  for p in /proc/[0-9]*; do
    p=\${p#/proc/}
    stat_of $p || continue
    case $state in Z | X) continue ;; esac
    case $ours in *" $p "*) continue ;; esac
    eval "t_$p=$turn.$began_tick"
    all="$all $p:$parent:$session:$began_tick"
  done
  hidden=
  for p in $(in_scope); do
    case $ours in *" $p "*) continue ;; esac
    if ! stat_of $p; then
      [ -z "$limited" ] || hidden="$hidden $p:?"
    else
      case "$state $members" in [ZX]* | *" $p:$began_tick "*) ;; *) members="$members$p:$began_tick " ;; esac
    fi
  done
  grown=yes
  while [ -n "$grown" ]; do
    grown=
    for entry in $all; do
      p=\${entry%%:*} rest=\${entry#*:}
      parent=\${rest%%:*} rest=\${rest#*:}
      session=\${rest%%:*} tick=\${rest#*:}
      case $members in *" $p:$tick "*) continue ;; esac
      if is_member $parent || is_session $session; then
        members="$members$p:$tick " grown=yes
      fi
    done
  done
  living=$hidden
  for member in $members; do
    is_member \${member%:*} && [ "\${seen#*.}" = "\${member#*:}" ] && living="$living $member"
  done
}
words_of() { tr '\\0\\n' '  ' <"/proc/$1/cmdline" 2>/dev/null; }
# The shell that watches over the output is none of what the step runs.
is_guard() {
  [ -n "$pid" ] && [ $1 != $pid ] || return 1
  case $(words_of $1) in "/bin/sh $d/script "*) return 0 ;; esac
  stat_of $1 && [ $parent != $pid ] && case $(words_of $parent) in "/bin/sh $d/script "*) return 0 ;; esac
  return 1
}
say_each() {
  for member in $living; do
    p=\${member%:*} words=$(words_of $p)
    # It may have ended since it was found; of what the host hides nothing can be read.
    case $words:$member in :*:\\?) ;; :*) continue ;; esac
    is_guard $p || say $1 $p "$words"
  done
}
`;

const inScope = (id: string): string => `
in_scope() {
  for c in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    cat "$c/system.slice/${scopeUnit(id)}/cgroup.procs" 2>/dev/null && return
  done
}
`;

/**
 * Fills `members` without the record of an execution, `d`: by the command line of the shell that runs it, and by what its
 * commands have in their environment. What another user runs, as sudo makes it, is found as a descendant only.
 */
export const executionTraces = `
for found in $(grep -lsF "$d/script" /proc/[0-9]*/cmdline 2>/dev/null) $(grep -lsF "HOPSCOTCH_STEP=$d/" /proc/[0-9]*/environ 2>/dev/null); do
  p=\${found#/proc/} p=\${p%/*}
  case $found in
    *cmdline) case $(tr '\\0' ' ' <$found 2>/dev/null) in "/bin/sh $d/script "* | "hopscotch $d/script "*) ;; *) continue ;; esac ;;
  esac
  case $ours in *" $p "*) continue ;; esac
  stat_of $p || continue
  # The shell that watches over the output has the same command line, and leads no session.
  case $found in *cmdline) [ $session = $p ] || continue ;; esac
  case $members in *" $p:$began_tick "*) ;; *) members="$members$p:$began_tick " ;; esac
done
`;

export interface ProcessSight {
  readonly id: string;
  readonly mark: string;
  /** Whether `sudo -n` may be used. */
  readonly become: boolean;
}

/**
 * Shell that looks for processes and says what it found: as root where the host hides them from the login user and sudo
 * lets us, else as the login user. `part` follows `processesOf`, and ends the script.
 */
export function processSight({ id, mark, become }: ProcessSight, part: string): string {
  const whole = `${executionShell(id)}${processesOf(id)}${part}`;
  if (!become) return whole;
  const say = `say() { printf '\\n%s %s\\n' ${mark} "$*" >&2; }`;
  const asRoot = toShell(['/bin/sh', '-c', `${say}\n${whole}`]);
  return `stat_of 1 || { sudo -n env HOME="$HOME" ${asRoot} </dev/null && exit 0; }\n${whole}`;
}
