#: shellcheck disable=SC2046,SC2086 one word a package
found=$(dpkg-query --show --showformat="\${Conffiles}\n" | sed -n "s/^ \(.*\) \([0-9a-f]*\) obsolete$/\2 \1/p" |
while read -r sum file; do
  ! printf "%s\n" "$1" | grep -qxF -e "$file" || continue
  rm -f -- "$file.dpkg-dist"
  [ -f "$file" ] && [ "$(md5sum <"$file" | cut -c1-32)" = "$sum" ] || continue
  dpkg-query --search "$file" | sed "s/: .*//; s/,.*//" && rm -f -- "$file"
done | sort -u)
shift
[ -z "$found" ] || exec "$@" install --reinstall --allow-downgrades --allow-change-held-packages $(dpkg-query --show --showformat="\${Package}=\${Version}\n" $found)