#: Shell: `cached NAME VERSION ARCHITECTURE` prints the path of apt's own copy; `place` says where the present version can be had,
#: where no archive offers it: cache, repack or nowhere; `where` prints each package given with its place.
# include: repack.sh
cached() {
  file=/var/cache/apt/archives/$1_$(printf "%s" "$2" | sed "s/:/%3a/g")_$3.deb
  [ -f "$file" ] && [ "$(dpkg-deb -f "$file" Package Version 2>/dev/null | sed "s/.*: //" | tr "\n" " ")" = "$1 $2 " ] && echo "$file"
}
place() { if cached "$1" "$2" "$3" >/dev/null; then echo cache; elif whole "$1:$3"; then echo repack; else echo nowhere; fi; }
offered() { apt-cache policy "$1" | awk "
    /^ \\*\\*\\* / { inside = 1; next } /^     [^ ]/ { inside = 0 }
    inside && /^        / && !/\/var\/lib\/dpkg\/status\$/ { found = 1 } END { exit !found }"; }
where() {
  for name; do
    set -- $(dpkg-query --show --showformat="\${db:Status-Abbrev} \${Version} \${Architecture}\n" "$name" 2>/dev/null)
    case $1 in ?i*) ;; *) continue ;; esac
    at=archive
    offered "$name" || at=$(place "${name%%:*}" "$2" "$3")
    echo "at $name $2 $at $3"
  done
}
