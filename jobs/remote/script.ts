import { filled } from './filled.ts';
import {
  remotePreludeShell,
  needToolsShell,
  keepUnbegunShell,
  lostEvidenceShell,
} from './scripts/embedded.ts';
import { toShell } from '../../handlers/contract/command.ts';

/**
 * Shell shared by what we say to hosts: `b` is the directory of all executions, `d` that of one, `fail` ends with a reason, `stat_of PID`
 * reads a process, `alive` asks whether process `pid`, started at `start` under boot `boot`, is still that process.
 */
export const remoteShell = remotePreludeShell;

/** The same, in the directory of an execution. */
export const executionShell = (id: string): string => `${remoteShell}d=$b/${id}\n`;

/** What following takes on a host. */
export const followTools: readonly string[] =
  'setsid mkdir mv ln readlink rm date wc head tail sleep'.split(' ');

/** Ends with `fail` unless a host has it. */
export const followToolsShell = filled(needToolsShell, { TOOLS: followTools.join(' ') });

/** Makes a link where there is none that keeps the execution from beginning: it has begun by now, or never will. */
export const keepFromBeginningShell = keepUnbegunShell;

/** Says what can be seen of an execution whose process is gone and left no exit code. To follow `processes`. */
export const evidenceShell = lostEvidenceShell;

/** A shell command that writes exactly this text, NUL characters included. */
export function printExactly(text: string): string {
  const parts = text.split('\0').map((part) => `printf '%s' ${toShell([part])}`);
  return parts.join(` && printf '\\000' && `);
}
