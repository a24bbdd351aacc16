import { checkId } from './outcome.ts';
import { processes } from './processes.ts';
import { inside } from './script.ts';
import { converse, harmless } from './shell.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { Target } from '../ssh/target.ts';

export interface Abort {
  /** Between asking (TERM) and ending by force (KILL). */
  readonly graceMs: number;
  /** Whether `sudo -n kill` may be used on processes of other users. */
  readonly become: boolean;
}

export interface AliveProcess {
  readonly pid: number;
  readonly command: string;
}

export type AbortResult =
  { readonly gone: true } | { readonly gone: false; readonly alive: readonly AliveProcess[] };

/**
 * Ends an execution, and says only what the host then showed: gone, or what is still alive. One that has not begun never
 * will. Its processes are the session that it started, all their descendants, and the sessions that these lead; each is
 * known by pid and start time, so that nothing else is hit. A process that left both session and parent before the abort
 * (a daemon) belongs to the host by then and is left alone. May be called any number of times.
 */
export async function abort(
  ssh: Ssh,
  target: Target,
  id: string,
  { graceMs, become }: Abort,
): Promise<AbortResult> {
  checkId(id);
  const alive: AliveProcess[] = [];
  let isGone = false;
  const { said } = await harmless(
    converse(ssh, target, `aborting ${id}`, {
      script: () => abortScript(id, Math.ceil(graceMs / 100), become),
      onSay: (verb, rest) => {
        if (verb === 'gone') isGone = true;
        if (verb === 'alive') alive.push(parseAlive(rest));
      },
    }),
  );
  if (isGone) return { gone: true };
  if (alive.length > 0) return { gone: false, alive };
  throw new Error(`aborting ${id} on ${target.host}: no answer from the script: ${said}`);
}

/** Sees to it that an execution that has not begun never will. One that has begun is left alone. */
export async function forbid(ssh: Ssh, target: Target, id: string): Promise<void> {
  checkId(id);
  await harmless(
    converse(ssh, target, `forbidding ${id}`, {
      script: () => forbidScript(id),
    }),
  );
}

function parseAlive(text: string): AliveProcess {
  const [pid, ...words] = text.trim().split(' ');
  return { pid: Number(pid), command: words.join(' ') };
}

const forbidScript = (id: string): string => `${inside(id)}
umask 077
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
said=$({ mkdir -p "$d" && ln -s "abort $now" "$d/begun"; } 2>&1) && { say gone; exit 0; }
[ -h "$d/begun" ] || fail "recording the abort in $d: $said"
`;

const abortScript = (
  id: string,
  rounds: number,
  become: boolean,
): string => `${forbidScript(id)}read_begun
if [ "$kind" != run ] || [ "$boot" != "$boot_now" ] || [ -e "$d/exit" ]; then
  say gone
  exit 0
fi
{ printf '%s\\n' "$now" >"$d/aborted.$$" && mv -f "$d/aborted.$$" "$d/aborted"; } 2>/dev/null
${processes}
members=" $pid:$start "
hit() {
  kill -s $1 $2 2>/dev/null || ${become ? 'sudo -n kill -s $1 $2 2>/dev/null' : 'false'}
}
hit_all() {
  for member in $living; do
    case " $spared " in *" $member "*) continue ;; esac
    hit $1 \${member%:*}
    # A stopped process hears nothing but this.
    [ $1 = KILL ] || hit CONT \${member%:*}
    [ $1 = KILL ] || spared="$spared $member"
  done
}
spared= round=0
scan
while [ -n "$living" ] && [ $round -le ${rounds} ]; do
  hit_all TERM
  round=$((round + 1))
  nap 0.1
  scan
done
# The shell that runs the commands comes last, and only alone: it still has an exit code to write.
spared=$pid:$start round=0
while [ -n "$living" ] && [ $round -lt 30 ]; do
  hit_all KILL
  round=$((round + 1))
  [ $round -lt 15 ] || [ "$living" != " $pid:$start" ] || spared=
  nap 0.1
  scan
done
[ -n "$living" ] || say gone
say_each alive
`;
