import { filled } from './filled.ts';
import { processesShell, inScopeShell, tracesShell } from './scripts/embedded.ts';
import { scopeUnit } from './scope.ts';
import { executionShell } from './script.ts';
import { toShell } from '../../handlers/contract/command.ts';

/**
 * Shell that finds the processes of an execution. `scan` adds to `members` every process that belongs to it, as
 * `pid:start`, and lists in `living` those that are alive: the session that it started, all their descendants, the sessions
 * that these lead, and all that is in its scope. Members stay members when their parent dies. We and our ancestors never
 * are. `limited` is set where the host hides the processes of others. `members` is to be filled before the first `scan`.
 */
export const processesOf = (id: string): string => `${inScope(id)}${processesShell}`;

const inScope = (id: string): string => filled(inScopeShell, { SCOPE: scopeUnit(id) });

/**
 * Fills `members` without the record of an execution, `d`: by the command line of the shell that runs it, and by what its
 * commands have in their environment. What another user runs, as sudo makes it, is found as a descendant only.
 */
export const executionTraces = tracesShell;

export interface ProcessSight {
  readonly id: string;
  readonly mark: string;
  /** Whether `sudo -n` may be used. */
  readonly become: boolean;
}

/**
 * Shell that looks for processes and says what it found: as root where the host hides them from the login user and sudo
 * lets us, else as the login user. `part` follows `processesOf`, and ends the script.
 */
export function processSight({ id, mark, become }: ProcessSight, part: string): string {
  const whole = `${executionShell(id)}${processesOf(id)}${part}`;
  if (!become) return whole;
  const say = `say() { printf '\\n%s %s\\n' ${mark} "$*" >&2; }`;
  const asRoot = toShell(['/bin/sh', '-c', `${say}\n${whole}`]);
  return `stat_of 1 || { sudo -n env HOME="$HOME" ${asRoot} </dev/null && exit 0; }\n${whole}`;
}
