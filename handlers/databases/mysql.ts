import { z } from 'zod';
import { command, type Command } from '../contract/command.ts';

export const OptionFilePath = z
  .string()
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/\0\n]+)+$/, 'expected an absolute path such as /root/.my.cnf');

export const DatabaseName = z
  .string()
  .regex(/^[A-Za-z0-9_$]{1,64}$/, 'expected the name of a database');

/** A client option file (mode 0600) on the host. Passwords never travel in arguments, where `ps` shows them. */
export const DefaultsFile = OptionFilePath.describe(
  'The MySQL option file, on the host, that holds the login: no other one is read. Nobody else may read it: mode 0600.',
);

/** A query that cannot change anything: the session that runs it is read-only besides. */
export const CountQuery = z
  .string()
  .regex(/^\s*SELECT\b[^;]*$/i, 'expected one SELECT of one number, without a semicolon');

/** A POSIX shell script with its arguments. */
export const shellScript = (text: string, args: readonly string[]): Command =>
  command(['sh', '-c', text, 'sh', ...args]);
