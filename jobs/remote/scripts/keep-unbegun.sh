#: shellcheck disable=SC2154 What it is a part of assigns these.

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
[ -h "$d/begun" ] || said=$( (umask 077; mkdir -p "$d" && ln -s "abort $now" "$d/begun") 2>&1) ||
  [ -h "$d/begun" ] || unwritable "$d" "$said"
