command -v curl >/dev/null || { echo "check: curl is not installed on this host" >&2; exit 127; }
answer=$(curl --silent --show-error --globoff --max-time 10 ${4:+"$4"} --write-out "\n%{http_code}" --url "$1" | tr -d "\000")
status=${answer##*
}
[ "$status" != 000 ] || exit 1
[ "$status" = "$2" ] || { echo "check: $1 answered with status $status, expected: $2" >&2; exit 1; }
case ${answer%
*} in *"$3"*) exit 0 ;; esac
echo "check: $1 answered without the text: $3" >&2
exit 1