/**
 * Shell that finds the processes of an execution. `scan` adds to `members` every process that belongs to it, as
 * `pid:start`, and lists in `living` those that are alive. Members stay members when their parent dies. We and our
 * ancestors never are. To be preceded by `common`, and `members` to be filled before the first `scan`.
 */
export const processes = `
members=" " turn=0 ours=" " p=$$
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
  living=
  for member in $members; do
    is_member \${member%:*} && [ "\${seen#*.}" = "\${member#*:}" ] && living="$living $member"
  done
}
say_each() {
  for member in $living; do
    p=\${member%:*}
    say $1 $p "$(tr '\\0\\n' '  ' <"/proc/$p/cmdline" 2>/dev/null)"
  done
}
`;

/**
 * Fills `members` without the record of an execution, `d`: by the command line of the shell that runs it, and by what its
 * commands have in their environment. What another user runs, as sudo makes it, is found as a descendant only.
 */
export const traces = `
for found in $(grep -lsF "$d/script" /proc/[0-9]*/cmdline 2>/dev/null) $(grep -lsF "HOPSCOTCH_STEP=$d/" /proc/[0-9]*/environ 2>/dev/null); do
  p=\${found#/proc/} p=\${p%/*}
  case $found in
    *cmdline) case $(tr '\\0' ' ' <$found 2>/dev/null) in "/bin/sh $d/script "*) ;; *) continue ;; esac ;;
  esac
  case $ours in *" $p "*) continue ;; esac
  stat_of $p && members="$members$p:$began_tick "
done
`;
