#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

members=" " turn=0 ours=" " p=$$ limited= pid=
stat_of 1 || limited=yes
while [ "$p" -gt 1 ] && stat_of $p; do
  ours="$ours$p "
  p=$parent
done
is_member() {
  eval "seen=\${t_$1:-}"
  case $seen in $turn.*) ;; *) return 1 ;; esac
  case $members in *" $1:${seen#*.} "*) return 0 ;; esac
  return 1
}
# While anything is left of a session, its number goes to no other process.
is_session() {
  eval "seen=\${t_$1:-}"
  case $seen in $turn.*) is_member $1; return ;; esac
  case $members in *" $1:"*) return 0 ;; esac
  return 1
}
scan() {
  turn=$((turn + 1)) all=
  for p in /proc/[0-9]*; do
    p=${p#/proc/}
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
      p=${entry%%:*} rest=${entry#*:}
      parent=${rest%%:*} rest=${rest#*:}
      session=${rest%%:*} tick=${rest#*:}
      case $members in *" $p:$tick "*) continue ;; esac
      if is_member $parent || is_session $session; then
        members="$members$p:$tick " grown=yes
      fi
    done
  done
  living=$hidden
  for member in $members; do
    is_member ${member%:*} && [ "${seen#*.}" = "${member#*:}" ] && living="$living $member"
  done
}
words_of() { tr '\0\n' '  ' <"/proc/$1/cmdline" 2>/dev/null; }
# The shell that watches over the output is none of what the step runs.
is_guard() {
  [ -n "$pid" ] && [ $1 != $pid ] || return 1
  case $(words_of $1) in "/bin/sh $d/script "*) return 0 ;; esac
  stat_of $1 && [ $parent != $pid ] && case $(words_of $parent) in "/bin/sh $d/script "*) return 0 ;; esac
  return 1
}
say_each() {
  for member in $living; do
    p=${member%:*} words=$(words_of $p)
    # It may have ended since it was found; of what the host hides nothing can be read.
    case $words:$member in :*:\?) ;; :*) continue ;; esac
    is_guard $p || say $1 $p "$words"
  done
}
