#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
#: shellcheck disable=SC2170 A number stands there when it runs.

guard() {
  trap '' INT HUP
  trap 'kill $nap 2>/dev/null; exit 0' TERM
  read -r own _ </proc/self/stat
  before=0 pause=0.2
  while kill -0 $$ 2>/dev/null; do
    sleep $pause 2>/dev/null &
    nap=$!
    wait $nap
    read -r _ position </proc/$$/fdinfo/1 || return
    [ $position -le __LIMIT__ ] || { too_much; return; }
    pause=1
    [ $((position - before)) -le $((__LIMIT__ / 16)) ] || pause=0.1
    before=$position
  done
}
too_much() {
  trap '' TERM
  kill -s USR1 $$
  signal=TERM
  while kill -0 $$; do
    for p in /proc/[0-9]*; do
      read -r s <$p/stat || continue
      set -- ${s##*') '}
      p=${p#/proc/}
      case $4:$p in
        *:$$ | *:$own) ;;
        $$:*) kill -s $signal $p || __OR_AS_ROOT__ ;;
      esac
    done
    give_back
    sleep 0.2
    signal=KILL
  done
}
# A hole keeps the offsets of those who follow.
give_back() {
  read -r _ position </proc/$$/fdinfo/1
  fallocate --punch-hole --offset __LIMIT__ --length $((position - __LIMIT__ + 1)) "$d/out" 2>/dev/null
}
# Before this shell catches TERM: a child that is forked from one that does can lose the signal that is to end it.
(unset HOPSCOTCH_STEP; exec >/dev/null 2>&1; guard) &
guard=$!
trap 'over=over' USR1
