import { command, type Command } from '../contract/command.ts';
import type { BackupJournal } from './journal.ts';
import { shellScript } from './mysql.ts';
import { backupStatementsShell, restoreShell } from './scripts/embedded.ts';

export interface RestoreRequest {
  readonly defaultsFile: string;
  readonly directory: string;
  readonly before: BackupJournal;
  readonly now: BackupJournal;
}

/** The commands that restore all databases of a journal from the dump in its manifest. */
export function restoreDatabases({
  defaultsFile,
  directory,
  before,
  now,
}: RestoreRequest): Command[] {
  const { manifest } = now;
  if (manifest === null) return [];
  const databases = manifest.databases.flatMap((name) => {
    const { charset = 'utf8', collation = 'utf8_general_ci' } = before.databases[name] ?? {};
    return [name, charset, collation];
  });
  const { file, sha256, digest } = manifest;
  return [shellScript(restoreShell, [defaultsFile, directory, file, sha256, digest, ...databases])];
}

/** The command that makes grants what they were; none where they are. Dropping a database leaves its grants alone. */
export function restoreGrants(
  defaultsFile: string,
  before: BackupJournal['grants'],
  now: BackupJournal['grants'],
): Command[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  const statements = keys.flatMap((key) => {
    const [was, is] = [before[key] ?? [], now[key] ?? []];
    const from = key.replace(/ TO (?='[^']*'@'[^']*'$)/, ' FROM ');
    return [
      ...was.filter((one) => !is.includes(one)).map((one) => `GRANT ${one} ON ${key};`),
      ...is.filter((one) => !was.includes(one)).map((one) => `REVOKE ${one} ON ${from};`),
    ];
  });
  if (statements.length === 0) return [];
  return [
    command(['sh', '-c', backupStatementsShell, 'sh', defaultsFile], {
      stdin: `${statements.join('\n')}\n`,
    }),
  ];
}
