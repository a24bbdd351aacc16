import { toShell } from '../../handlers/contract/command.ts';
import { executionScript } from './execution-script.ts';
import type { Execution } from './outcome.ts';
import { processesOf, executionTraces } from './processes.ts';
import {
  evidenceShell,
  followToolsShell,
  executionShell,
  keepFromBeginningShell,
  printExactly,
} from './script.ts';

interface BeginScript extends Execution {
  readonly fromByte: number;
  readonly mark: string;
}

/** Starts the execution unless it began already, then follows it. The only script that starts anything. */
export const beginScript = ({ fromByte, mark, ...what }: BeginScript): string =>
  `${executionShell(what.id)}${processesOf(what.id)}${watcher}
m=${mark} from=${fromByte} attached=yes
${begin(what)}
read_begun
[ "$kind" != abort ] || { say aborted "$began"; exit 0; }
${forgotten}
${follow}`;

interface AttachScript {
  readonly id: string;
  readonly fromByte: number;
}

/** Follows an execution that is known to have begun. Where the host knows nothing of it, it says so and what it finds alive. */
export const attachScript = ({ id, fromByte }: AttachScript): string =>
  `${executionShell(id)}${processesOf(id)}${watcher}
from=${fromByte} attached=yes
${keepFromBeginningShell}
read_begun
${forgotten}
${follow}`;

/** Where there is no record, or none any more: a step may remove it before we have read it. */
const forgotten = `
if [ "$kind" != run ]; then
  ${keepFromBeginningShell}
  read_begun
  say forgotten "$began"
  ${executionTraces}
  scan
  say_each left
  exit 0
fi
`;

function begin(execution: Execution): string {
  const { note, commands } = execution;
  const inputs = commands.flatMap(({ stdin }, index) =>
    stdin === undefined ? [] : [`{ ${printExactly(stdin)}; } >"$d/in.$m/${index}"`],
  );
  return `
if ! [ -h "$d/begun" ]; then
  ${followToolsShell}
  u=$(umask)
  umask 077
  said=$({ mkdir -p "$d" && ${inputs.length === 0 ? '' : `mkdir -p "$d/in.$m" && ${inputs.join(' && ')} && `}
  printf '%s' ${toShell([note.replaceAll('\0', '')])} >"$d/note.$m" && mv -f "$d/note.$m" "$d/note" &&
  printf '%s' ${toShell([executionScript(execution)])} >"$d/script.$m" && mv -f "$d/script.$m" "$d/script" &&
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
  # Then the step itself may have removed its record.
  [ -h "$d/begun" ] || [ $attached = no ] || fail "starting in $d: $began_or_not"
fi
`;
}

const follow = `
say began $attached $pid $(age) "$began"
copied=
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
  read -r code at bytes began ended over full <"$d/exit"
  [ -n "$copied" ] || [ $bytes -le $from ] || tail -c +$((from + 1)) "$d/out" | head -c $((bytes - from))
  say exited $code $at $bytes "$began" "$ended" $over $full
elif [ $lives = yes ]; then
  nap 0.2
  say again
else
  [ -n "$copied" ] || tail -c +$((from + 1)) "$d/out" 2>/dev/null
  ${evidenceShell}
fi
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
