LC_ALL=C; export LC_ALL
user=$1 state=$2 match=$3 line=$4
dir=$(mktemp -d) || exit
trap "rm -rf -- \"\$dir\"" EXIT
trap "exit 1" HUP INT TERM
said=$(crontab -u "$user" -l 2>&1 >"$dir/old") || case $said in
  "no crontab for "*) ;;
  *) echo "cron: reading the crontab of $user: $said" >&2; exit 1 ;;
esac
while IFS= read -r one || [ -n "$one" ]; do
  bare=${one#"${one%%[!	 ]*}"}
  case $bare in
    "#"*) ;;
    *"$match"*) [ "$state" = present ] || continue; state=written one=$line ;;
  esac
  printf "%s\n" "$one"
done <"$dir/old" >"$dir/new"
[ "$state" != present ] || printf "%s\n" "$line" >>"$dir/new"
crontab -u "$user" - <"$dir/new"