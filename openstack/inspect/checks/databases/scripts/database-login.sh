[ -r "$1" ] || exit 0
if grep -Eq "^[[:space:]]*(skip[-_]ssl|disable[-_]ssl|ssl[-_]verify[-_]server[-_]cert[[:space:]]*=[[:space:]]*(0|off|OFF)|ssl[[:space:]]*=[[:space:]]*0)" "$1"; then
  printf "option-file\t%s\tyes\n" "$1"
else
  printf "option-file\t%s\tno\n" "$1"
fi
if ! mysql=$(command -v mariadb || command -v mysql); then
  printf "no-client\n"
elif ! said=$(timeout 20 "$mysql" --defaults-file="$1" --execute "SELECT 1" 2>&1 </dev/null); then
  printf "no-login\t%s\n" "$(printf "%s" "$said" | tail -n 1)"
fi
exit 0
