import { command, type Command } from '../contract/command.ts';
import { staleProcessesShell } from '../services/stale-shell.ts';

// Without single quotes, so that each reads the same once it is quoted.

/** Where dpkg asks before it starts a service: https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const policyShell = `policy=/usr/sbin/policy-rc.d own=/usr/sbin/policy-rc.d.hopscotch-own
end_hold() {
  ! grep -q "^# Hopscotch: " "$policy" 2>/dev/null || rm -f -- "$policy"
  [ ! -e "$own" ] || mv -f -- "$own" "$policy"
}
`;

/**
 * A new sshd may refuse what the listener of the old one hands to it, and then nobody gets in any more. So each place where
 * logins were answered before is tried afterwards, and sshd is restarted from here, where a session still is.
 */
const doorShell = `greet="exec 3<>/dev/tcp/\\$1/\\$2 && read -r -t 8 line <&3 && [ \\"\\\${line#SSH-}\\" != \\"\\$line\\" ]"
answers() { timeout 10 bash -c "$greet" bash "$1" "$2" </dev/null >/dev/null 2>&1; }
doors() {
  { sshd -T 2>/dev/null | sed -n "s/^listenaddress //p"; echo 127.0.0.1:22; } | sort -u | while read -r at; do
    port=\${at##*:} host=\${at%:*}
    host=\${host#\\[} host=\${host%]}
    case $host in 0.0.0.0) host=127.0.0.1 ;; ::) host=::1 ;; esac
    ! answers "$host" "$port" || echo "$host $port"
  done
}
restart_ssh() {
  if [ -d /run/systemd/system ]; then systemctl restart ssh 2>/dev/null || systemctl restart sshd; else service ssh restart; fi
}
open_doors() {
  shut=$(echo "$open" | while read -r host port; do [ -z "$port" ] || answers "$host" "$port" || echo "$host $port"; done)
  [ -n "$shut" ] || return 0
  echo "$what: sshd answers no new login any more, so it is restarted"
  restart_ssh
  echo "$shut" | while read -r host port; do
    left=30
    until answers "$host" "$port"; do
      left=$((left - 1))
      [ $left -gt 0 ] || { echo "$what: sshd answers no new login at $host port $port: keep this session, and repair it by its console" >&2; exit 1; }
      sleep 1
    done
  done
}
`;

const guard = `what=package
PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
export PATH LC_ALL NEEDRESTART_SUSPEND APT_LISTCHANGES_FRONTEND
${policyShell}${doorShell}packages() { dpkg-query --show --showformat="\\\${db:Status-Abbrev} \\\${binary:Package} \\\${Version}\\n" | awk "/^.[^cn]/ { print \\"$1\\", \\$(NF - 1), \\$NF }"; }
names=
while [ "$1" != -- ]; do names="$names\${names:+|}$1|$1.*"; shift; done
shift
open=$(doors) was=$(packages was)
finish() {
  code=$?
  trap - EXIT HUP INT TERM
  end_hold
  { echo "$was"; packages is; } | awk "
    \\$1 == \\"was\\" { was[\\$2] = \\$3 }
    \\$1 == \\"is\\" { if (!(\\$2 in was)) added++; else if (was[\\$2] != \\$3) changed++; delete was[\\$2] }
    END { for (name in was) removed++; printf \\"packages: %d in another version, %d new, %d removed\\\\n\\", changed, added, removed }"
  open_doors || code=1
  exit $code
}
trap finish EXIT
trap "exit 143" HUP INT TERM
end_hold
if [ -n "$names" ]; then
  [ ! -e "$policy" ] || mv -f -- "$policy" "$own" || exit
  cat >"$policy.hopscotch-new" <<END && chmod 755 "$policy.hopscotch-new" && mv -f -- "$policy.hopscotch-new" "$policy" || exit
#!/bin/sh
# Hopscotch: here while it runs apt, so that nothing starts these services.
id=\\$1
[ "\\$id" != --quiet ] || id=\\$2
case \\$id in $names) exit 101 ;; esac
[ ! -x $own ] || exec $own "\\$@"
exit 0
END
fi
"$@"
exit`;

/**
 * The same commands, under guard: while apt runs, nothing starts the services that are held, and nothing waits for an
 * answer; afterwards new logins work, whatever became of apt. Commands that change no package stay as they are.
 */
export const guardedCommands = (commands: readonly Command[], hold: readonly string[]): Command[] =>
  commands.map((one) =>
    one.words[0] === 'env' || one.words[0] === 'sh'
      ? { ...one, words: ['sh', '-c', guard, 'sh', ...hold, '--', ...one.words] }
      : one,
  );

/** Ends a hold that an interrupted run left. */
export const endHoldCommand: Command = command([
  'sh',
  '-c',
  `what=end-hold\n${policyShell}end_hold`,
]);

/** Fails unless dpkg and apt find nothing wrong, and names the services whose processes still run from files that are gone. */
export const settledCheckCommand: Command = command([
  'sh',
  '-c',
  `what=package-audit
LC_ALL=C; export LC_ALL
${staleProcessesShell}said=$(dpkg --audit) || exit
[ -z "$said" ] || { printf "%s\\n" "$said"; echo "$what: dpkg --audit finds packages that are not whole" >&2; exit 1; }
apt-get -q check >/dev/null || exit
echo "dpkg and apt find nothing wrong"
stale_processes /proc | sort -k 2 | while read -r pid unit exe; do
  [ "$unit" = - ] || echo "still from files that are gone: $exe (process $pid, $unit)"
done`,
]);
