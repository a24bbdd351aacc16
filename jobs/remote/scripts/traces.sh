#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

for found in $(grep -lsF "$d/script" /proc/[0-9]*/cmdline 2>/dev/null) $(grep -lsF "HOPSCOTCH_STEP=$d/" /proc/[0-9]*/environ 2>/dev/null); do
  p=${found#/proc/} p=${p%/*}
  case $found in
    *cmdline) case $(tr '\0' ' ' <$found 2>/dev/null) in "/bin/sh $d/script "* | "hopscotch $d/script "*) ;; *) continue ;; esac ;;
  esac
  case $ours in *" $p "*) continue ;; esac
  stat_of $p || continue
  # The shell that watches over the output has the same command line, and leads no session.
  case $found in *cmdline) [ $session = $p ] || continue ;; esac
  case $members in *" $p:$began_tick "*) ;; *) members="$members$p:$began_tick " ;; esac
done
