import { type Command, toShell } from '../../handlers/contract/command.ts';
import type { Execution } from './outcome.ts';
import { guardShell, usualOutputLimitBytes } from './output-guard.ts';
import { joinScopeShell } from './scope.ts';

/**
 * The detached child of an execution. Whoever makes `begun` first runs the commands; it is a link, made in one step, whose
 * text already says who began, so there is no moment at which it exists and its maker is unknown. Room for the pid and the
 * exit code is taken before that: a disk that fills up later cannot cost us the outcome.
 */
export function executionScript({
  id,
  commands,
  become = false,
  outputLimitBytes = usualOutputLimitBytes,
}: Execution): string {
  return `# Runs once: sh script DIRECTORY MARK UMASK
d=$1 m=$2 u=$3
# By it the commands are found where nothing else is left of all this.
export HOPSCOTCH_STEP="$d/"
umask 077
stopped= guard= over=-
${guardShell(outputLimitBytes, become)}
trap 'stopped=yes' TERM INT HUP
read -r stat </proc/$$/stat && read -r boot </proc/sys/kernel/random/boot_id || exit 1
stat=\${stat##*') '}
set -- $stat
me="$$ \${20} $boot" began=$(date -u +%Y-%m-%dT%H:%M:%SZ) at=0 code=0
forget() { [ -z "$guard" ] || kill $guard; rm -rf "$d/exit.$m" "$d/at.$m" "$d/pid.$m" "$d/in.$m"; }
{ printf '%-127s\\n' '' >"$d/exit.$m" && printf '%-15s\\n' 0 >"$d/at.$m" && printf '%s\\n' "$me" >"$d/pid.$m"; } || {
  forget
  exit 1
}
${joinScopeShell(id, become)}
said=$(ln -s "run $me $began $scoped" "$d/begun" 2>&1) || {
  forget
  [ -h "$d/begun" ] && exit 0
  echo "$said"
  exit 1
}
mv -f "$d/at.$m" "$d/at"
mv -f "$d/pid.$m" "$d/pid"
echo begun
exec >>"$d/out" 2>&1
${fullDisksShell}
${finishShell(outputLimitBytes)}
${runShell}
all() {
${commands.map(runLine).join('\n')}
  finish $code
}
all
`;
}

// Mount points without room, where a failure may come from that.
export const fullDisksShell = `full_disks() {
  df -Pk "$d" / /var /tmp 2>/dev/null | {
    read -r heading
    while read -r device blocks used free share place; do
      [ "$free" != 0 ] || [ "$blocks" = 0 ] || case ",$all" in *",$place,"*) ;; *) all=$all$place, ;; esac
    done
    echo "\${all%,}"
  } | cut -c 1-40
}`;

// Keeps how it ended, also when the disk is full.
const finishShell = (outputLimitBytes: number): string => `finish() {
  if [ -n "$guard" ]; then
    kill $guard 2>/dev/null
    [ $over = - ] || { kill -s KILL $guard; give_back; }
    wait $guard
  fi
  bytes=$(($(wc -c <"$d/out"))) full=
  [ $over = - ] || [ $bytes -le ${outputLimitBytes} ] || bytes=${outputLimitBytes}
  case " $ok " in *" $1 "*) ;; *) all= full=$(full_disks) ;; esac
  line="$1 $at $bytes $began $(date -u +%Y-%m-%dT%H:%M:%SZ) $over $full" tries=0
  until printf '%-127s\\n' "$line" 1<>"$d/exit.$m" && mv -f "$d/exit.$m" "$d/exit"; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || break
    sleep 1
  done
  rm -rf "$d"/in.*
  exit 0
}`;

// The next command, unless one before it failed or the execution was ended.
const runShell = `run() {
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
}`;

function runLine({ words, stdin, okExits = [0] }: Command, index: number): string {
  const input = stdin === undefined ? '-' : String(index);
  return `  run ${index} ${toShell([okExits.join(' '), input, ...words])}`;
}
