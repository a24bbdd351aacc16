import { command, type Command } from '../contract/command.ts';
import { endHoldShell, packageAuditShell, packageGuardShell } from './scripts/embedded.ts';

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
export const endHoldCommand: Command = command(['sh', '-c', endHoldShell]);

/** Fails unless dpkg and apt find nothing wrong, and names the services whose processes still run from files that are gone. */
export const settledCheckCommand: Command = command(['sh', '-c', packageAuditShell]);
