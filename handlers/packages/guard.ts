import { command, type Command } from '../contract/command.ts';
import { packageGuardShell, policyShell } from './scripts/embedded.ts';
import { staleProcessesShell } from '../services/scripts/embedded.ts';

// Without single quotes, so that each reads the same once it is quoted.

/**
 * The same commands, under guard: while apt runs, nothing starts the services that are held, and nothing waits for an
 * answer; afterwards new logins work, whatever became of apt. Commands that change no package stay as they are.
 */
export const guardedCommands = (commands: readonly Command[], hold: readonly string[]): Command[] =>
  commands.map((one) =>
    one.words[0] === 'env' || one.words[0] === 'sh'
      ? { ...one, words: ['sh', '-c', packageGuardShell, 'sh', ...hold, '--', ...one.words] }
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
