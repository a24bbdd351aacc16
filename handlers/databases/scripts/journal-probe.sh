#: Shell of the probe: sh -c SCRIPT sh OPTION-FILE DIRECTORY LABEL DATABASE...
what=database-backup login=$1 directory=$2 label=$3; shift 3
# include: sql.sh
# include: journal.sh
journal=
for db; do
  if has_database "$db"; then
    size=$(size_of "$db") && part=$(shape "$db" "$db" && rows "$db" "$db") || fail "cannot read the database $db"
    printf "size\t%s\t%s\n" "$db" "$size"
  else part=$(printf "absent\t%s" "$db")
  fi
  journal="$journal$part
"
  grants "$db" || fail "cannot read what is granted on $db"
done
printf "%s" "$journal"
printf "digest\t%s\n" "$(printf "%s" "$journal" | sha256sum | cut -d" " -f1)"
sql -e "SELECT \"server\", VERSION(), @@log_bin, @@datadir" || exit 1
datadir=$(sql -e "SELECT @@datadir") || exit 1
printf "free\tdirectory\t%s\n" "$(free_kib "$directory")"
printf "free\tdata\t%s\n" "$(free_kib "${datadir%/}")"
manifest=
for one in "$directory/$label"-*.manifest; do [ -f "$one" ] && manifest=$one; done
[ -n "$manifest" ] || exit 0
sed "s/^/manifest$tab/" <"$manifest" || exit 1
dump=${manifest%.manifest}.sql
wanted=$(sed -n "s/^sha256$tab//p" <"$manifest")
if ! [ -f "$dump" ]; then printf "broken\tit is gone\n"
elif [ "$(sha_of "$dump")" != "$wanted" ]; then printf "broken\tits SHA-256 is another one\n"
fi
