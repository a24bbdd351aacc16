#: shellcheck disable=SC2046 one word a field
what=package-keep
LC_ALL=C; export LC_ALL
# include: keep-where.sh
dir=/var/lib/hopscotch/kept-packages
umask 022
mkdir -p "$dir" || exit
found=$(where "$@")
need=$(printf "%s\n" "$found" | while read -r tag name version at arch; do
  case $at in
    cache) du -k "$(cached "${name%%:*}" "$version" "$arch")" ;;
    repack) dpkg-query --show --showformat="\${Installed-Size}\n" "${name%%:*}:$arch" ;;
  esac
done | awk "{ sum += \$1; if (\$1 > most) most = \$1 } END { print sum + most + 10240 }")
free=$(df -Pk "$dir" | awk "NR == 2 { print \$4 }")
[ "$free" -gt "$need" ] || { echo "$what: $dir has $free KiB free, and the packages take up to $need KiB" >&2; exit 1; }
rm -rf -- "$dir"/repack.*
printf "%s\n" "$found" | while read -r tag name version at arch; do
  case $at in
    cache) cp -- "$(cached "${name%%:*}" "$version" "$arch")" "$dir/" ;;
    repack) repack "${name%%:*}:$arch" "$dir/${name%%:*}_$(printf "%s" "$version" | sed "s/:/%3a/g")_$arch.deb" ;;
  esac || { echo "$what: $name $version cannot be kept" >&2; exit 1; }
done || exit
for deb in "$dir"/*.deb; do
  [ -f "$deb" ] || continue
  dpkg-deb -f "$deb" && echo "Filename: ./${deb##*/}" && echo "Size: $(stat -c %s "$deb")" && echo "SHA256: $(sha256sum <"$deb" | cut -d " " -f 1)" && echo || exit
done >"$dir/Packages" || exit
list=/etc/apt/sources.list.d/hopscotch-kept.list
echo "deb [trusted=yes] file:$dir ./" >"$list" || exit
apt-get -q -o APT::Get::List-Cleanup=0 -o Dir::Etc::SourceList="$list" -o Dir::Etc::SourceParts=- update || exit
where "$@" | while read -r tag name version at arch; do
  [ "$at" = archive ] || { echo "$what: apt does not offer $name $version" >&2; exit 1; }
done