#!/bin/sh
# Stands for the programs of a package manager on a stand-in host, by the name that it is called by. What is installed stands in
# the home of the host; `../offered` is the version that there is of each package. Each installation is noted in the ledger.
state=$HOME/packages
[ -f "$state" ] || : >"$state"
read -r offered <"$HOME/../offered"
case ${0##*/} in
  dpkg) if [ "$1" = --print-architecture ]; then echo amd64; else cat >/dev/null; fi ;;
  dpkg-query) while read -r name version; do printf 'ii \t%s\t%s\n\n' "$name" "$version"; done <"$state" ;;
  apt-mark) [ "$1" = showhold ] || cut -d ' ' -f 1 "$state" ;;
  apt-cache)
    shift
    for name; do
      installed=$(sed -n "s/^$name //p" "$state")
      printf '%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n' "$name" "${installed:-(none)}" "$offered"
      printf '     %s 500\n        500 http://archive.example stable/main amd64 Packages\n' "$offered"
      [ -z "$installed" ] || [ "$installed" = "$offered" ] || printf ' *** %s 100\n        100 /var/lib/dpkg/status\n' "$installed"
    done
    ;;
  apt-get)
    for wanted; do :; done
    name=${wanted%%=*}
    { grep -v "^$name " "$state"; echo "$name ${wanted#*=}"; } >"$state.new"
    mv "$state.new" "$state"
    echo "$SSH_CONNECTION $name" >>"$HOME/../ledger"
    ;;
esac
