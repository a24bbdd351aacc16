#: Shell: `repack NAME:ARCHITECTURE FILE` makes the .deb FILE out of the files of an installed package and of what dpkg knows of
#: it, as dpkg-repack does: changed configuration files go in as they are, obsolete ones do not, a diverted file is taken from
#: where it lies. `whole NAME:ARCHITECTURE` fails where files are gone, other than those that somebody may have removed or told
#: dpkg to leave out. `files_of` prints a line a path: whether others are below it (d or -), the path, and where it lies.
files_of() { dpkg-query -L "$1" | awk "
    function told() { if (path != \"\" && path != \"/.\") { paths[++count] = path; lies[count] = at }; path = \"\" }
    /^\// { told(); path = at = \$0; up = path; sub(/\/[^\/]*\$/, \"\", up); below[up] = 1; next }
    /^(locally diverted|diverted by .*) to: / { sub(/^.* to: /, \"\"); at = \$0 }
    END { told(); for (i = 1; i <= count; i++) print (paths[i] in below ? \"d\" : \"-\") \"\t\" paths[i] \"\t\" lies[i] }"; }
tab=$(printf "\t")
whole() {
  files_of "$1" | while IFS=$tab read -r kind path at; do
    [ -e "$at" ] || [ -h "$at" ] || echo "$path"
  done | grep -vqE "^(/etc|/usr/share/(doc|man|locale|info|lintian|doc-base|help))/" && return 1
  return 0
}
repack() {
  tree=$(mktemp -d "${2%/*}/repack.XXXXXX") && chmod 755 "$tree" && mkdir "$tree/DEBIAN" || return
  conffiles=$(dpkg-query --show --showformat="\${Conffiles}\n" "$1") || return
  files_of "$1" | while IFS=$tab read -r kind path at; do
    ! printf "%s\n" "$conffiles" | grep -qE "^ " || ! printf "%s\n" "$conffiles" | awk -v path="$path" "
      \$NF == \"obsolete\" || \$NF == \"remove-on-upgrade\" { if (\$1 == path) found = 1 } END { exit !found }" || continue
    if [ "$kind" = d ] || { [ -d "$at" ] && [ ! -h "$at" ]; }; then
      mkdir -p "$tree$path" || exit
      [ ! -d "$at" ] || { chown --reference="$at" "$tree$path" && chmod --reference="$at" "$tree$path"; } || exit
    elif [ -e "$at" ] || [ -h "$at" ]; then
      mkdir -p "$tree${path%/*}" && cp -a -- "$at" "$tree$path" || exit
    fi
  done || return
  dpkg-query --status "$1" | awk "/^[^ ]/ { skip = /^(Status|Conffiles|Config-Version):/ } !skip" >"$tree/DEBIAN/control" || return
  printf "%s\n" "$conffiles" | awk "NF == 2 { print \$1 }" | while read -r path; do
    [ ! -e "$tree$path" ] || echo "$path"
  done >"$tree/DEBIAN/conffiles"
  [ -s "$tree/DEBIAN/conffiles" ] || rm "$tree/DEBIAN/conffiles"
  for name in $(dpkg-query --control-list "$1"); do
    case $name in md5sums | conffiles | list) continue ;; esac
    cp -p -- "$(dpkg-query --control-path "$1" "$name")" "$tree/DEBIAN/$name" || return
  done
  dpkg-deb -Zgzip -z1 --build "$tree" "$2" >/dev/null || return
  rm -rf -- "$tree"
}
