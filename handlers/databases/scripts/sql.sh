#: Shell shared by all that speaks to a database. It needs $login, the option file, and $what, which begins every reason.
#: `sql` runs statements; `mysql` and `mysqldump` are the client programs under the name that the host has.
LC_ALL=C; export LC_ALL
tab=$(printf "\t")
fail() { echo "$what: $*" >&2; exit 1; }
program() { for one; do command -v "$one" && return; done; fail "there is no program $1 on this host"; }
mysql=$(program mariadb mysql) || exit 1
[ -f "$login" ] && [ -r "$login" ] || fail "there is no option file $login that may be read"
case $(stat -Lc %a -- "$login") in
  *00) ;;
  *) fail "others may read the option file $login: chmod 600 $login" ;;
esac
sql() { "$mysql" --defaults-file="$login" --default-character-set=utf8mb4 --batch --skip-column-names "$@" </dev/null; }
sql_in() { "$mysql" --defaults-file="$login" --default-character-set=utf8mb4 --batch --skip-column-names "$@"; }
