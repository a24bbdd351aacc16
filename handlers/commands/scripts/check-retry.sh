left=$1 every=$2 ok=$3; shift 3
while :; do
  "$@" </dev/null; code=$?
  case " $ok " in *" $code "*) exit 0 ;; esac
  case $code in 126|127) exit $code ;; esac
  [ "$left" -gt 0 ] || break
  left=$((left - 1)); sleep "$every"
done
echo "check: exit code $code, expected: $ok" >&2
exit 1