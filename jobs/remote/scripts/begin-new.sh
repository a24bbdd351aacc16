#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

if ! [ -h "$d/begun" ]; then
  __NEED_TOOLS__
  u=$(umask)
  umask 077
  said=$({ mkdir -p "$d" && __INPUTS__
  printf '%s' __NOTE__ >"$d/note.$m" && mv -f "$d/note.$m" "$d/note" &&
  printf '%s' __SCRIPT__ >"$d/script.$m" && mv -f "$d/script.$m" "$d/script" &&
  printf '' >>"$d/out"; } 2>&1) || {
    rm -rf "$d/in.$m" "$d/note.$m" "$d/script.$m"
    unwritable "$d" "$said"
  }
  umask "$u"
  # A child started with & ignores SIGINT and SIGQUIT; what a step runs should not.
  default=
  env --default-signal=INT,QUIT true 2>/dev/null && default='env --default-signal=INT,QUIT'
  # It closes its end of the pipe as soon as it has begun, or has died. The shell between waits for it, because where
  # process 1 is slow to bury orphans, a dead one would pass for alive.
  began_or_not=$( (
    exec 3>&1 </dev/null >/dev/null 2>&1
    setsid $default /bin/sh "$d/script" "$d" $m "$u" >&3 2>&3 3>&- &
    exec 3>&-
    wait
  ) & )
  case $began_or_not in *begun) attached=no ;; esac
  # Then the step itself may have removed its record.
  [ -h "$d/begun" ] || [ $attached = no ] || fail "starting in $d: $began_or_not"
fi
