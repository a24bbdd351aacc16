import { isDeepStrictEqual } from 'node:util';
import { command, type Command } from '../contract/command.ts';
import { withHiddenInput } from './change.ts';
import { editIni, optionEditLines, type OptionEdit } from './ini-edit.ts';
import { maskSecrets } from '../redaction/redact.ts';
import { iniFileShell } from './scripts/embedded.ts';

/** What a file holds once its options are as wanted; the same bytes where they are. */
export const editedIniBytes = (edits: readonly OptionEdit[], bytes: Buffer): Buffer =>
  Buffer.from(editIni(bytes.toString('latin1'), edits), 'latin1');

/** Sets and takes away options of a file that is there. Its owner and mode stay. */
export function editIniFile(path: string, edits: readonly OptionEdit[]): Command {
  const words = ['sh', '-c', iniFileShell, 'sh', path];
  // People approve what they can read; a secret goes where nobody does.
  if (!edits.some(isSecret)) return command([...words, ...optionEditLines(edits)]);
  return withHiddenInput(command(words, { stdin: optionEditsInput(edits) }));
}

/** Edits as the program that does them reads them. */
export const optionEditsInput = (edits: readonly OptionEdit[]): string =>
  optionEditLines(edits)
    .map((line) => `${line}\n`)
    .join('');

/** The same for people. */
export const maskedOptionEdit = ({ section, option, values }: OptionEdit): OptionEdit => {
  const name = `${option} = `;
  const shown = values.map((value) => maskSecrets(name + value).slice(name.length));
  return { section, option, values: shown };
};

const isSecret = (edit: OptionEdit): boolean => !isDeepStrictEqual(maskedOptionEdit(edit), edit);

// The new file is written beside the old one, and renamed into its place: nobody reads half of it.
