#: Shell: `cached NAME VERSION ARCHITECTURE` prints the path of apt's own copy; `where` prints each package given with its place.
cached() {
  file=/var/cache/apt/archives/$1_$(printf "%s" "$2" | sed "s/:/%3a/g")_$3.deb
  [ -f "$file" ] && [ "$(dpkg-deb -f "$file" Package Version 2>/dev/null | sed "s/.*: //" | tr "\n" " ")" = "$1 $2 " ] && echo "$file"
}
offered() { apt-cache policy "$1" | awk "
    /^ \\*\\*\\* / { inside = 1; next } /^     [^ ]/ { inside = 0 }
    inside && /^        / && !/\/var\/lib\/dpkg\/status\$/ { found = 1 } END { exit !found }"; }
where() {
  for name; do
    set -- $(dpkg-query --show --showformat="\${db:Status-Abbrev} \${Version} \${Architecture}\n" "$name" 2>/dev/null)
    case $1 in ?i*) ;; *) continue ;; esac
    if offered "$name"; then at=archive; elif cached "$name" "$2" "$3" >/dev/null; then at=cache
    elif command -v dpkg-repack >/dev/null; then at=repack; else at=nowhere; fi
    echo "at $name $2 $at $3"
  done
}
