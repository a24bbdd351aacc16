#: shellcheck disable=SC2154 What it is a part of assigns these.
__KEEP_FROM_BEGINNING__read_begun
if [ "$kind" = run ]; then
  [ "$boot" = "$boot_now" ] || { say gone; exit 0; }
  if ! [ -e "$d/aborted" ]; then
    [ ! -e "$d/exit" ] || { say gone; exit 0; }
    { printf '%s\n' "$now" >"$d/aborted.$$" && mv -f "$d/aborted.$$" "$d/aborted"; } 2>/dev/null
  fi
fi
