import { type Command, toShell } from '../../../handlers/contract/command.ts';
import { fullDisksShell } from '../execution-script.ts';
import { type Execution } from '../outcome.ts';
import { usualOutputLimitBytes } from '../output-guard.ts';
import { scopeCall, scopeUnit } from '../scope.ts';
import { randomBytes } from 'node:crypto';

/** What a helper is asked to begin, and to follow from a byte on. */
export const beginRequest = (
  { id, commands, note, become = false, next, outputLimitBytes = usualOutputLimitBytes }: Execution,
  fromByte: number,
): object => ({
  do: 'begin',
  id,
  ...(next === undefined ? {} : { next }),
  from: fromByte,
  mark: randomBytes(16).toString('hex'),
  note: note.replaceAll('\0', ''),
  script: `# What ran here, one after the other:\n${commands.map(({ words }) => `${toShell(words)}\n`).join('')}`,
  limit: outputLimitBytes,
  become,
  scope: { unit: scopeUnit(id), words: scopeCall(id) },
  fullDisks: `d=$1\n${fullDisksShell}\nfull_disks`,
  commands: commands.map((command) => ({
    ...commandRequest(command),
    ok: command.okExits ?? [0],
  })),
});

/** A command as a helper takes it. */
export const commandRequest = ({ words, stdin }: Command): object => ({
  words,
  stdin: stdin !== undefined,
  ...(stdin === undefined ? {} : { input: stdin }),
});
