import { command, type Command } from '../../handlers/contract/command.ts';
import {
  greetShell,
  haproxyStatShell,
  backupRoomShell,
  sqlClientShell,
} from './scripts/embedded.ts';

// Nothing here changes a host.

/** Lines of state, package, version and source package. */
export const listPackagesCommand: Command = command([
  'dpkg-query',
  '--show',
  '--showformat=${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${source:Package}\\n',
]);

/** One query; the login is in a file on the host, as `ps` shows arguments to everybody. */
export const sqlQueryCommand = (defaultsFile: string, database: string, sql: string): Command =>
  command(['sh', '-c', `${sqlClientShell}sql "$2" "$3"`, 'sh', defaultsFile, database, sql]);

/** Lines of name, bytes and number of tables. */
export const databaseSizesCommand = (defaultsFile: string, databases: readonly string[]): Command =>
  sqlQueryCommand(
    defaultsFile,
    'information_schema',
    [
      'SELECT table_schema, COALESCE(SUM(data_length + index_length), 0), COUNT(*)',
      `FROM tables WHERE table_schema IN (${databases.map((name) => `"${name}"`).join(', ')})`,
      'GROUP BY table_schema',
    ].join(' '),
  );

/** A database has one of the two tables, or both where a project changed over: then Alembic's counts. */
export const revisionCommands = (defaultsFile: string, database: string): Command[] => [
  sqlQueryCommand(defaultsFile, database, 'SELECT version_num FROM alembic_version'),
  sqlQueryCommand(defaultsFile, database, 'SELECT version, repository_id FROM migrate_version'),
];

/** Lines of `backups` or `data`, free KiB, and the device. A directory that is still to be made is where its parent is. */
export const freeSpaceCommand = (defaultsFile: string, backups: string): Command =>
  command(['sh', '-c', `${sqlClientShell}${backupRoomShell}`, 'sh', defaultsFile, backups]);

/** HAProxy's table of what it serves, as CSV. */
export const haproxyStatCommand = (socket: string): Command =>
  command(['sh', '-c', haproxyStatShell, 'sh', socket]);

export const memcachedVersionCommand = (address: string, port: number): Command =>
  command(['timeout', '5', 'bash', '-c', greetShell, 'bash', address, String(port)]);
