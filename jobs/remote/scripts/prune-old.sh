#: shellcheck disable=SC2154 What it is a part of assigns these.

[ -d "$b" ] || exit 0
find "$b" -mindepth 2 -maxdepth 2 \( -name begun -mtime +__UNKNOWN_DAYS__ -o -name exit -mtime +__ENDED_DAYS__ \) | while read -r e; do
  d=${e%/*}
  case $e in
    */begun)
      [ ! -e "$d/exit" ] || continue
      read_begun
      [ "$kind" = run ] && alive && continue
      ;;
  esac
  mv "$d" "$b/.old.${d##*/}" && say removed
done
for old in "$b"/.old.*; do
  [ ! -d "$old" ] || rm -rf "$old"
done
