#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
#: shellcheck disable=SC2170 A number stands there when it runs.
finish() {
  if [ -n "$guard" ]; then
    kill $guard 2>/dev/null
    [ $over = - ] || { kill -s KILL $guard; give_back; }
    wait $guard
  fi
  bytes=$(($(wc -c <"$d/out"))) full=
  [ $over = - ] || [ $bytes -le __LIMIT__ ] || bytes=__LIMIT__
  case " $ok " in *" $1 "*) ;; *) all= full=$(full_disks) ;; esac
  line="$1 $at $bytes $began $(date -u +%Y-%m-%dT%H:%M:%SZ) $over $full" tries=0
  until printf '%-511s\n' "$line" 1<>"$d/exit.$m" && mv -f "$d/exit.$m" "$d/exit"; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || break
    sleep 1
  done
  rm -rf "$d"/in.*
  exit 0
}