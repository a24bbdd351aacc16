import type { Command } from '../../handlers/contract/command.ts';
import { toShell } from '../../handlers/contract/command.ts';

/**
 * Shell shared by what we say to hosts: `b` is the directory of all executions, `d` that of one, `fail` ends with a reason, `stat_of PID`
 * reads a process, `alive` asks whether process `pid`, started at `start` under boot `boot`, is still that process.
 */
export const common = `
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
    run) pid=$2 start=$3 boot=$4 began=$5 ;;
    *) began=$2 ;;
  esac
}
read -r boot_now </proc/sys/kernel/random/boot_id || fail 'reading /proc'
alive() {
  [ "$boot" = "$boot_now" ] && stat_of $pid && [ "$began_tick" = "$start" ] && [ "$state" != Z ] && [ "$state" != X ]
}
`;

/** The same, in the directory of an execution. */
export const inside = (id: string): string => `${common}d=$b/${id}\n`;

/**
 * The detached child of an execution. Whoever makes `begun` first runs the commands; it is a link, made in one step, whose
 * text already says who began, so there is no moment at which it exists and its maker is unknown. Room for the pid and the
 * exit code is taken before that: a disk that fills up later cannot cost us the outcome.
 */
export function executionScript(commands: readonly Command[]): string {
  return `# Runs once: sh script DIRECTORY MARK UMASK
d=$1 m=$2 u=$3
umask 077
read -r stat </proc/$$/stat && read -r boot </proc/sys/kernel/random/boot_id || exit 1
stat=\${stat##*') '}
set -- $stat
me="$$ \${20} $boot" began=$(date -u +%Y-%m-%dT%H:%M:%SZ) at=0 code=0 stopped=
trap 'stopped=yes' TERM INT HUP
forget() { rm -rf "$d/exit.$m" "$d/at.$m" "$d/pid.$m" "$d/in.$m"; }
{ printf '%-127s\\n' '' >"$d/exit.$m" && printf '%-15s\\n' 0 >"$d/at.$m" && printf '%s\\n' "$me" >"$d/pid.$m"; } || {
  forget
  exit 1
}
said=$(ln -s "run $me $began" "$d/begun" 2>&1) || {
  forget
  [ -h "$d/begun" ] && exit 0
  echo "$said"
  exit 1
}
mv -f "$d/at.$m" "$d/at"
mv -f "$d/pid.$m" "$d/pid"
echo begun
exec >>"$d/out" 2>&1

finish() {
  line="$1 $at $(($(wc -c <"$d/out"))) $began $(date -u +%Y-%m-%dT%H:%M:%SZ)" tries=0
  until printf '%-127s\\n' "$line" 1<>"$d/exit.$m" && mv -f "$d/exit.$m" "$d/exit"; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || break
    sleep 1
  done
  rm -rf "$d"/in.*
  exit 0
}

run() {
  [ -z "$stopped" ] || finish 143
  at=$1 ok=$2 in=$3
  shift 3
  printf '%-15s\\n' "$at" 1<>"$d/at"
  if [ "$in" = - ]; then
    (umask "$u"; exec "$@") </dev/null
  else
    { rm -f "$d/in.$m/$in"; (umask "$u"; exec "$@"); } <"$d/in.$m/$in"
  fi
  code=$?
  case " $ok " in *" $code "*) ;; *) finish $code ;; esac
}

all() {
${commands.map(runLine).join('\n')}
  finish $code
}
all
`;
}

function runLine({ words, stdin, okExits = [0] }: Command, index: number): string {
  const input = stdin === undefined ? '-' : String(index);
  return `  run ${index} ${toShell([okExits.join(' '), input, ...words])}`;
}

export interface FollowScript {
  readonly id: string;
  readonly note: string;
  readonly commands: readonly Command[];
  readonly fromByte: number;
  readonly mark: string;
}

/** Starts the execution unless it began already, then copies its output from a byte on, then says how it ended. */
export function followScript({ id, note, commands, fromByte, mark }: FollowScript): string {
  const inputs = commands.flatMap(({ stdin }, index) =>
    stdin === undefined ? [] : [`{ ${printExactly(stdin)}; } >"$d/in.$m/${index}"`],
  );
  return `${inside(id)}${watcher}
m=${mark} from=${fromByte} attached=yes copied=
if ! [ -h "$d/begun" ]; then
  ${followTools}
  u=$(umask)
  umask 077
  said=$({ mkdir -p "$d" && ${inputs.length === 0 ? '' : `mkdir -p "$d/in.$m" && ${inputs.join(' && ')} && `}
  printf '%s' ${toShell([note.replaceAll('\0', '')])} >"$d/note.$m" && mv -f "$d/note.$m" "$d/note" &&
  printf '%s' ${toShell([executionScript(commands)])} >"$d/script.$m" && mv -f "$d/script.$m" "$d/script" &&
  printf '' >>"$d/out"; } 2>&1) || {
    rm -rf "$d/in.$m" "$d/note.$m" "$d/script.$m"
    unwritable "$d" "$said"
  }
  umask "$u"
  # A child started with & ignores SIGINT and SIGQUIT; what a step runs should not.
  default=
  env --default-signal=INT,QUIT true 2>/dev/null && default='env --default-signal=INT,QUIT'
  # It closes its end of the pipe as soon as it has begun, or has died. The shell between waits for it, because where
  # process 1 is slow to bury orphans, a dead one would pass for alive.
  began_or_not=$( (
    exec 3>&1 </dev/null >/dev/null 2>&1
    setsid $default /bin/sh "$d/script" "$d" $m "$u" >&3 2>&3 3>&- &
    exec 3>&-
    wait
  ) & )
  case $began_or_not in *begun) attached=no ;; esac
  [ -h "$d/begun" ] || fail "starting in $d: $began_or_not"
fi
read_begun
[ "$kind" = run ] || { say aborted "$began"; exit 0; }
say began $attached $pid "$began"
if ! [ -e "$d/exit" ] && alive; then
  tail -c +$((from + 1)) -f --pid=$pid -s 0.05 "$d/out" &
  tail=$!
  watch &
  watch=$!
  wait $tail
  kill $watch 2>/dev/null
  copied=yes
fi
lives=no
alive && lives=yes
if [ -e "$d/exit" ]; then
  read -r code at bytes began ended <"$d/exit"
  [ -n "$copied" ] || [ $bytes -le $from ] || tail -c +$((from + 1)) "$d/out" | head -c $((bytes - from))
  say exited $code $at $bytes "$began" "$ended"
elif [ $lives = yes ]; then
  nap 0.2
  say again
else
  [ -n "$copied" ] || tail -c +$((from + 1)) "$d/out" 2>/dev/null
  ${evidence}
fi
`;
}

/** Ends with `fail` unless a host has what following takes. */
export const followTools = `
  for tool in setsid mkdir mv ln readlink rm date wc head tail sleep; do
    command -v $tool >/dev/null || fail "$tool is missing"
  done
  tail --pid=$$ -c 0 /dev/null 2>/dev/null || fail 'its tail knows no --pid (that of GNU coreutils does)'
`;

/** Reports progress, and ends a `tail` that would wait for a zombie or for a stranger with the same pid. */
const watcher = `
watch() {
  last=
  while kill -0 $$ 2>/dev/null; do
    read -r at <"$d/at" && [ "$at" != "$last" ] && { last=$at; say at $at; }
    alive || { nap 1; kill $tail 2>/dev/null; return; }
    nap 1
  done
}
`;

/** Says what can be seen of an execution whose process is gone and left no exit code. */
export const evidence = `
  read -r at 2>/dev/null <"$d/at"
  written=$(date -u -r "$d/out" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
  if [ "$boot" != "$boot_now" ]; then why=rebooted; elif stat_of $pid && [ "$began_tick" != "$start" ]; then why=reused; else why=gone; fi
  say lost $why \${at:-0} $(($(wc -c 2>/dev/null <"$d/out" || echo 0))) "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$written"
  if [ $why = gone ]; then
    for p in /proc/[0-9]*; do
      stat_of \${p#/proc/} && [ "$session" = $pid ] && [ "$state" != Z ] &&
        say left \${p#/proc/} "$(tr '\\0\\n' '  ' <$p/cmdline 2>/dev/null)"
    done
  fi
  [ -e "$d/aborted" ] && { read -r asked <"$d/aborted"; say asked "$asked"; }
`;

/** A shell command that writes exactly this text, NUL characters included. */
export function printExactly(text: string): string {
  const parts = text.split('\0').map((part) => `printf '%s' ${toShell([part])}`);
  return parts.join(` && printf '\\000' && `);
}
