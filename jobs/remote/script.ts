import { toShell } from '../../handlers/contract/command.ts';

/**
 * Shell shared by what we say to hosts: `b` is the directory of all executions, `d` that of one, `fail` ends with a reason, `stat_of PID`
 * reads a process, `alive` asks whether process `pid`, started at `start` under boot `boot`, is still that process.
 */
export const remoteShell = `
b=\${HOME:?}/.hopscotch
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
  s=\${s##*') '}
  set -- $s
  state=$1 parent=$2 session=$4 began_tick=\${20}
}
read_begun() {
  set -- $(readlink "$d/begun")
  kind=$1
  case $kind in
    run) pid=$2 start=$3 boot=$4 began=$5 scoped=\${6:-} ;;
    *) began=$2 ;;
  esac
}
read -r boot_now </proc/sys/kernel/random/boot_id || fail 'reading /proc'
alive() {
  [ "$boot" = "$boot_now" ] && stat_of $pid && [ "$began_tick" = "$start" ] && [ "$state" != Z ] && [ "$state" != X ]
}
# By the clock that starts with the host, which nobody sets: this shell began just now.
age() { [ "$boot" = "$boot_now" ] && stat_of $$ && echo $((began_tick - start)) || echo 0; }
`;

/** The same, in the directory of an execution. */
export const executionShell = (id: string): string => `${remoteShell}d=$b/${id}\n`;

/** What following takes on a host. */
export const followTools: readonly string[] =
  'setsid mkdir mv ln readlink rm date wc head tail sleep'.split(' ');

/** Ends with `fail` unless a host has it. */
export const followToolsShell = `
  for tool in ${followTools.join(' ')}; do
    command -v $tool >/dev/null || fail "$tool is missing"
  done
  tail --pid=$$ -c 0 /dev/null 2>/dev/null || fail 'its tail knows no --pid (that of GNU coreutils does)'
`;

/** Makes a link where there is none that keeps the execution from beginning: it has begun by now, or never will. */
export const keepFromBeginningShell = `
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
[ -h "$d/begun" ] || said=$( (umask 077; mkdir -p "$d" && ln -s "abort $now" "$d/begun") 2>&1) ||
  [ -h "$d/begun" ] || unwritable "$d" "$said"
`;

/** Says what can be seen of an execution whose process is gone and left no exit code. To follow `processes`. */
export const evidenceShell = `
  read -r at 2>/dev/null <"$d/at"
  written=$(date -u -r "$d/out" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
  if [ "$boot" != "$boot_now" ]; then why=rebooted; elif stat_of $pid && [ "$began_tick" != "$start" ]; then why=reused; else why=gone; fi
  say lost $why \${at:-0} $(($(wc -c 2>/dev/null <"$d/out" || echo 0))) "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$written"
  if [ $why != rebooted ]; then
    members=" $pid:$start "
    scan
    say_each left
  fi
  [ -e "$d/aborted" ] && { read -r asked <"$d/aborted"; say asked "$asked"; }
`;

/** A shell command that writes exactly this text, NUL characters included. */
export function printExactly(text: string): string {
  const parts = text.split('\0').map((part) => `printf '%s' ${toShell([part])}`);
  return parts.join(` && printf '\\000' && `);
}
