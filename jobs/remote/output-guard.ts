/** What a step may write, unless its runbook or its cloud says otherwise. */
export const usualOutputLimitBytes = 1024 ** 3;

/**
 * Shell beside the commands of an execution that ends them once they wrote more than they may, whether anybody follows or
 * not. It reads how far the output has come from the kernel, without a process of its own, more often the faster it
 * grows. What is written meanwhile is given back to the disk where the file system can do that.
 */
export const guardShell = (limitBytes: number, become: boolean): string =>
  limitBytes === 0
    ? ''
    : `
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
    [ $position -le ${limitBytes} ] || { too_much; return; }
    pause=1
    [ $((position - before)) -le $((${limitBytes} / 16)) ] || pause=0.1
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
      set -- \${s##*') '}
      p=\${p#/proc/}
      case $4:$p in
        *:$$ | *:$own) ;;
        $$:*) kill -s $signal $p || ${become ? 'sudo -n kill -s $signal $p' : 'true'} ;;
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
  fallocate --punch-hole --offset ${limitBytes} --length $((position - ${limitBytes} + 1)) "$d/out" 2>/dev/null
}
# Before this shell catches TERM: a child that is forked from one that does can lose the signal that is to end it.
(unset HOPSCOTCH_STEP; exec >/dev/null 2>&1; guard) &
guard=$!
trap 'over=over' USR1
`;
