#: Shell: `as USER WORD...` runs a program as a user, `program_line USER WORD...` prints what the first word is: the package
#: that it came with says its version, or, where it came with none (a venv), the program itself. Asked as its user, since a
#: log file that root opened would be closed to the service.
as() {
  user=$1; shift
  if [ "$(id -un)" = "$user" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"
  else sudo -n -u "$user" -- "$@"
  fi
}
program_line() {
  path=$(command -v "$2") || path=
  package= version=
  if [ -n "$path" ] && command -v dpkg-query >/dev/null; then
    package=$( { dpkg-query -S "$path" || dpkg-query -S "$(readlink -f "$path")"; } 2>/dev/null | grep -v "^diversion " | sed -n "1s/[:,].*//p")
    [ -z "$package" ] || version=$(dpkg-query -W -f "\${Version}\n" "$package" 2>/dev/null | head -n 1)
  fi
  if [ -n "$path" ] && [ -z "$version" ]; then
    version=$(as "$1" "$path" --version 2>&1 </dev/null | grep -oE "[0-9]+([.][0-9]+)+[0-9a-z.]*" | head -n 1)
  fi
  printf "program\t%s\t%s\t%s\n" "$path" "$package" "$version"
}
