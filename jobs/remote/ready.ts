import { type Command, toShell } from '../../handlers/contract/command.ts';
import { converse, askHarmlessly } from './shell.ts';
import { pruneShell } from './execution-state.ts';
import { remoteShell, followToolsShell } from './script.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { SshTarget } from '../ssh/target.ts';

export interface ReadyRequest {
  /** Whether the steps use `sudo -n`. */
  readonly become: boolean;
  /** What will be run on the host; what of it begins with `sudo -n` has to be allowed. */
  readonly runs?: readonly Command[];
  /** Room that the home directory must have. Default: 10 MiB. */
  readonly needBytes?: number;
}

export interface ReadyFacts {
  readonly bootId: string;
  readonly freeBytes: number;
  readonly home: string;
}

/**
 * Looks whether steps can be started and followed on a host; HostNotReady says what is in the way. What executions of long
 * ago left there goes with it, as `pruneExecutions` says.
 */
export async function checkReady(
  ssh: Ssh,
  target: SshTarget,
  { become, runs = [], needBytes = 10 * 1024 * 1024 }: ReadyRequest,
): Promise<ReadyFacts> {
  let bootId = '';
  let freeBytes = 0;
  let home = '';
  await askHarmlessly(
    converse(ssh, target, 'checking', {
      script: (mark) => script({ mark, become, runs, needKiB: Math.ceil(needBytes / 1024) }),
      onSay: (verb, rest) => {
        if (verb === 'boot') bootId = rest;
        if (verb === 'free') freeBytes = Number(rest) * 1024;
        if (verb === 'home') home = rest;
      },
    }),
  );
  return { bootId, freeBytes, home };
}

interface Check {
  readonly mark: string;
  readonly become: boolean;
  readonly runs: readonly Command[];
  readonly needKiB: number;
}

/** Asks sudo of each command whether it allows it; nothing is run. */
function sudoShell(runs: readonly Command[]): string {
  const asked = new Map<string, string>();
  for (const { words } of runs) {
    const [program, never, ...rest] = words;
    if (program !== 'sudo' || never !== '-n') continue;
    const shown = toShell(rest.slice(rest.indexOf('--') + 1)).slice(0, 200);
    asked.set(
      toShell(['sudo', '-n', '-l', ...rest]),
      toShell([`sudo does not let the login user run what the plan runs: ${shown}`]),
    );
  }
  return [...asked]
    .map(([question, refusal]) => `${question} >/dev/null 2>&1 || fail ${refusal}\n`)
    .join('');
}

const script = ({ mark, become, runs, needKiB }: Check): string => `${remoteShell}
[ -r /proc/$$/stat ] || fail 'reading /proc'
${followToolsShell}
for tool in cat cut df find grep tr; do
  command -v $tool >/dev/null || fail "$tool is missing"
done
umask 077
free=
said=$({ mkdir -p "$b" && printf 'room' >"$b/.room.${mark}"; } 2>&1) && free=$(room "$b")
rm -f "$b/.room.${mark}"
[ -n "$free" ] || unwritable "$b" "$said"
[ "$free" -ge ${needKiB} ] || fail "the disk is nearly full: $b has $free KiB of room, ${needKiB} KiB are needed"
${become ? `sudo -n true || fail 'sudo -n true: exit '$?` : ''}
${sudoShell(runs)}
# Where logind ends what a login leaves behind, a step would die with its connection.
if [ "$(id -u)" != 0 ] && command -v busctl >/dev/null; then
  ends=$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null)
  [ "$ends" != 'b true' ] || fail 'logind ends processes at logout (KillUserProcesses=yes in logind.conf), so no step would survive its connection'
fi
# Without pam_systemd a login is part of the unit of sshd, and so is what it leaves behind.
unit=$(cat /proc/self/cgroup 2>/dev/null | { found=; while read -r line; do case $line in */ssh*.service) found=\${line##*/} ;; esac; done; echo "$found"; })
case $unit in
  ssh.service | sshd.service | ssh@*.service | sshd@*.service)
    kills=$(systemctl show --property=KillMode "$unit" 2>/dev/null)
    case $kills in
      KillMode=control-group | KillMode=mixed) fail "logins are part of $unit, whose end ends all of it ($kills; pam_systemd gives each login a session of its own), so no step would survive its connection" ;;
    esac ;;
esac
say boot $boot_now
say free $free
say home "$HOME"
${pruneShell()}`;
