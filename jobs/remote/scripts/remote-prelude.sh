#: shellcheck disable=SC2046 Numbers, and words that are to be told apart.
#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

b=${HOME:?}/.hopscotch
fail() { say fail "$*"; exit 0; }
room() { df -Pk "$1" 2>/dev/null | { read -r heading; read -r device blocks used free rest; echo "$free"; }; }
unwritable() {
  left=$(room "$HOME")
  [ "$left" != 0 ] || fail "the disk is full: writing to $1, with 0 KiB of room there"
  fail "writing to $1, with $left KiB of room there: $2"
}
nap() { sleep "$1" >/dev/null 2>&1 || sleep 1 >/dev/null 2>&1; }
stat_of() {
  { read -r s </proc/$1/stat; } 2>/dev/null || return 1
  s=${s##*') '}
  set -- $s
  state=$1 parent=$2 session=$4 began_tick=${20}
}
read_begun() {
  set -- $(readlink "$d/begun")
  kind=$1
  case $kind in
    run) pid=$2 start=$3 boot=$4 began=$5 scoped=${6:-} ;;
    *) began=$2 ;;
  esac
}
read -r boot_now </proc/sys/kernel/random/boot_id || fail 'reading /proc'
alive() {
  [ "$boot" = "$boot_now" ] && stat_of $pid && [ "$began_tick" = "$start" ] && [ "$state" != Z ] && [ "$state" != X ]
}
# By the clock that starts with the host, which nobody sets: this shell began just now.
age() { [ "$boot" = "$boot_now" ] && stat_of $$ && echo $((began_tick - start)) || echo 0; }
