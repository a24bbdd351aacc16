#: shellcheck disable=SC1122,SC2046,SC2086 a block of configuration begins with a comment; one word a package
#: Shell: SCRIPT GONE RETIRED KEYS MODE SOURCES BACK PACKAGE... asks apt what it would do with other sources than the host has: its
#: own without the files GONE and the suites RETIRED, and with the lines of its standard input. Their index is read into a
#: folder of its own, where apt simulates; nothing else of the host changes. It prints `move` and a line of apt's simulation,
#: `is SOURCE NAME VERSION` for what is installed of SOURCES, `lost NAME VERSION PLACE` for old versions that no archive offers
#: any more (PLACE: cache, repack or nowhere), `noback` and why apt would not bring all of them back afterwards, `kept ...` as
#: kept.sh does, `refused` and `unread` with apt's words, `missing URI SUITE` of the new lines that could not be read, and `end`
#: when it came to its end. BACK is `no` where no packages lead back: then nothing is asked about old versions.
what=package-forecast
LC_ALL=C LANGUAGE=en; export LC_ALL LANGUAGE
gone=$1 retired=$2 keys=$3 mode=$4 sources=$5 goes=$6; shift 6
lines=$(cat)
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/hopscotch-forecast.XXXXXX") || exit
trap "rm -rf -- \"\$dir\"" EXIT
trap "exit 143" HUP INT TERM
# include: retire.sh
# include: kept.sh
# include: keep-where.sh
# include: way-back.sh
chmod 755 "$dir"
mkdir -p "$dir/sources.list.d" "$dir/conf" "$dir/lists/partial" "$dir/cache/archives/partial"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  ! printf "%s\n" "$gone" | grep -qxF -e "$file" || continue
  case $file in */sources.list.d/*) cp -- "$file" "$dir/sources.list.d/" ;; *) cp -- "$file" "$dir/" ;; esac || exit
done
retire "$dir" - "$retired" >/dev/null || exit
[ -z "$lines" ] || printf "%s\n" "$lines" >"$dir/sources.list.d/hopscotch-forecast.list"
cp /etc/apt/apt.conf.d/* "$dir/conf/" 2>/dev/null
[ ! -f /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$dir/conf/zz-main"
cat >"$dir/conf/zzz-hopscotch" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "$dir/sources.list.d";
Dir::State::Lists "$dir/lists";
Dir::Cache "$dir/cache";
Dir::Etc::TrustedParts "$dir/trusted";
Acquire::Languages "none";
Debug::NoLocking "true";
END
printf "Dir::Etc::Parts \"%s\";\nDir::Etc::Main \"%s\";\n" "$dir/conf" "$dir/none" >"$dir/apt.conf"
find /var/lib/apt/lists -maxdepth 1 -type f ! -name lock -exec cp -p -t "$dir/lists" {} + 2>/dev/null
mkdir "$dir/trusted" && cp -p /etc/apt/trusted.gpg.d/* "$dir/trusted/" 2>/dev/null
for name in $keys; do
  case $(dpkg-query --show --showformat="\${db:Status-Abbrev}" "$name" 2>/dev/null) in ?i*) continue ;; esac
  (cd "$dir/cache" && apt-get -q -o Dir::Cache="$dir/cache" download "$name" && dpkg-deb -x "$name"_*.deb keys) >/dev/null 2>&1
  cp -p "$dir"/cache/keys/etc/apt/trusted.gpg.d/* "$dir"/cache/keys/usr/share/keyrings/* "$dir/trusted/" 2>/dev/null
done
! id _apt >/dev/null 2>&1 || chown -R _apt "$dir/lists/partial" "$dir/cache/archives/partial" 2>/dev/null
APT_CONFIG=$dir/apt.conf; export APT_CONFIG
said=$(apt-get -q update 2>&1)
printf "%s\n" "$said" | grep -E "^(E:|Err[: ]|W: (Failed to fetch|GPG error|An error occurred|Some index files|The repository))" | sort -u | head -n 8 | sed "s/^/unread /"
policy=$(apt-cache policy 2>/dev/null | sed "s,//[^/@]*@,//,")
printf "%s\n" "$lines" | sed -n "s/^deb  *//p" | sed "s/^\[[^]]*\] *//; s,//[^/@]*@,//," | while read -r uri suite rest; do
  printf "%s\n" "$policy" | grep -qF -e "${uri%/} ${suite%/}" || echo "missing $uri $suite"
done
dpkg-query --show --showformat="\${db:Status-Abbrev}\t\${source:Package}\t\${Package}\t\${Version}\n" |
  awk -F "\t" -v sources=" $sources " "\$1 !~ /^.[cn]/ && index(sources, \" \" \$2 \" \") { print \"is\", \$2, \$3, \$4 }"
case $mode in full) verb=dist-upgrade ;; *) verb=install ;; esac
if said=$(apt-get -q --simulate $verb "$@" 2>&1); then
  printf "%s\n" "$said" | sed -n "s/^\(Inst\|Remv\) /move &/p"
  printf "%s\n" "$said" | kept
  ! printf "%s\n" "$said" | grep -q "essential packages will be removed" || echo "refused an essential package would have to be removed"
  printf "%s\n" "$said" >"$dir/there"
  names=$(sed -n "s/^\(Inst\|Remv\) \([^ ]*\) \[.*/\2/p" "$dir/there" | sort -u)
  [ "$goes" != no ] || names=
  : >"$dir/lost"
  [ -z "$names" ] || apt-cache policy $names | awk "
    function told() { if (version != \"\" && !offered) print \"lost\", name, version; version = \"\"; offered = inside = 0 }
    /^[^ ]/ { told(); name = \$1; sub(/:\$/, \"\", name) }
    /^ \\*\\*\\* / { version = \$2; inside = 1; next }
    /^     [^ ]/ { inside = 0 }
    inside && /^        / && !/\/var\/lib\/dpkg\/status\$/ { offered = 1 }
    END { told() }" | while read -r tag name version; do
      echo "$tag $name $version $(place "${name%%:*}" "$version" "$(dpkg-query --show --showformat="\${Architecture}\n" "$name" | head -n 1)")"
    done >"$dir/lost"
  cat "$dir/lost"
  [ "$goes" = no ] || grep -q " nowhere\$" "$dir/lost" || way_back
else
  printf "%s\n" "$said" | sed -n "s/^E: /refused /p"
  printf "%s\n" "$said" | sed -n "/^The following packages have unmet/,/^E: /s/^ /refused /p" | head -n 12
fi
echo end