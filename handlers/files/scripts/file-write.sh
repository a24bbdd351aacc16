path=$1 bytes=$2 owner=$3 group=$4 mode=$5; shift 5
[ -d "${path%/*}/" ] || { echo "file: there is no directory ${path%/*}" >&2; exit 1; }
new=$(mktemp "${path%/*}/.hopscotch.XXXXXX") || exit
trap "rm -f -- \"\$new\"" EXIT
trap "exit 1" HUP INT TERM
"$@" >"$new" || exit
if [ "$(wc -c <"$new")" -ne "$bytes" ]; then
  echo "file: the content arrived cut short" >&2; exit 1
fi
if [ -e "$path" ]; then
  : "${owner:=$(stat -c %u -- "$path")}" "${group:=$(stat -c %g -- "$path")}" "${mode:=$(stat -c %a -- "$path")}"
fi
if [ -n "$owner$group" ]; then chown -- "$owner${group:+:$group}" "$new" || exit; fi
chmod -- "${mode:-644}" "$new" || exit
sync -- "$new" 2>/dev/null
mv -fT -- "$new" "$path"