#: shellcheck disable=SC2086 one word a package
LC_ALL=C; export LC_ALL
mode=$1 foreign=$2 names=$3 none=$4; shift 4
known=$(dpkg-query --show --showformat="\${db:Status-Abbrev} \${Package}\n" | grep "^.[^cn]" | sed "s/.* //" | sort -u | grep -E -e "$names")
if [ -n "$known" ]; then
  found=$(apt-cache policy $known | awk -v none="$none" "$foreign") || exit
fi
line=$(printf "%s\n" "$found" | while read -r verb name version; do
  case $verb in install) echo "$name=$version" ;; remove) echo "$name-" ;; esac
done)
if [ -n "$line" ]; then
  if ! said=$("$@" --simulate install --allow-downgrades --allow-change-held-packages $line 2>&1); then
    echo "$said" | grep "^E: " || echo "E: apt ended without a reason"
    [ "$mode" = show ]; exit
  fi
fi
if [ "$mode" = show ]; then
  [ -z "$line" ] || {
    printf "%s\n" "$found"
    printf "%s\n" "$said" | sed -n "s/^Remv \([^ ]*\) .*/Remv \1/p; s/^Inst \([^ ]*\) .*(\([^ ]*\) .*/Inst \1 \2/p" |
      while read -r verb name version; do
        printf "%s\n" "$found" | grep -q "^[a-z]* $name\( \|$\)" || echo "$verb $name $version"
      done
  }
  exit 0
fi
[ -z "$line" ] || "$@" install --allow-downgrades --allow-change-held-packages $line || exit
dpkg --configure -a