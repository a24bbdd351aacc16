#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

  read -r at 2>/dev/null <"$d/at"
  written=$(date -u -r "$d/out" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
  if [ "$boot" != "$boot_now" ]; then why=rebooted; elif stat_of $pid && [ "$began_tick" != "$start" ]; then why=reused; else why=gone; fi
  say lost $why ${at:-0} $(($(wc -c 2>/dev/null <"$d/out" || echo 0))) "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$written"
  if [ $why != rebooted ]; then
    members=" $pid:$start "
    scan
    say_each left
  fi
  [ -e "$d/aborted" ] && { read -r asked <"$d/aborted"; say asked "$asked"; }
