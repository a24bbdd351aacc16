#: shellcheck disable=SC1122 a block of awk begins with the word that ends its text
what=config-option path=$1; shift
program=$(cat <<"END"
# include: edit-ini.awk
END
)
[ -f "$path" ] && [ ! -L "$path" ] || { echo "$what: there is no file $path" >&2; exit 1; }
new=$(mktemp "${path%/*}/.hopscotch.XXXXXX") || exit
trap "rm -f -- \"\$new\"" EXIT
trap "exit 1" HUP INT TERM
{ if [ $# -gt 0 ]; then printf "%s\n" "$@"; else cat; fi; } | LC_ALL=C awk "$program" part=1 - part=2 "$path" >"$new" || exit
chown --reference="$path" -- "$new" && chmod --reference="$path" -- "$new" || exit
sync -- "$new" 2>/dev/null
mv -fT -- "$new" "$path"