import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What really happened on a host, written by the steps themselves, outside of all that the product keeps there. */
export interface LedgerLine {
  /** The execution, as its directory is called. */
  readonly execution: string;
  readonly is: 'start' | 'end';
  readonly exit?: number;
}

/**
 * A step that writes what it does, waits as long as somebody holds it, and fails once where it is told to. `$1` is the
 * direction and the step, `$2` how long it takes.
 */
const script = `say() { echo "$1 $(basename "$HOPSCOTCH_STEP") $2" >>"$d/ledger"; }
d=$HOME/../ledger n=$1
say start
sleep "$2"
while [ -e "$d/hold.$n" ]; do sleep 0.1; done
code=0
mv "$d/fail.$n" "$d/failed.$n" 2>/dev/null && code=3
say end $code
exit $code`;

export const ledgerCommand = (name: string, seconds: number): string[] => [
  'sh',
  '-c',
  script,
  'sh',
  name,
  String(seconds),
];

export async function readLedger(dir: string): Promise<LedgerLine[]> {
  const text = await readFile(join(dir, 'ledger'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): LedgerLine => {
      const [is, execution = '', exit] = line.split(' ');
      return is === 'end' ? { execution, is, exit: Number(exit) } : { execution, is: 'start' };
    });
}

/** The processes of executions that live on this machine, by the directory that each was given. */
export function livingExecutions(
  home: string,
): { readonly pid: number; readonly execution: string }[] {
  const mark = `HOPSCOTCH_STEP=${join(home, '.hopscotch')}/`;
  return variablesOfProcesses().flatMap(({ pid, variables }) => {
    const own = variables.find((variable) => variable.startsWith(mark));
    return own === undefined ? [] : [{ pid, execution: basename(own) }];
  });
}

/** All that was started by a login to a host, and what that started. */
export const processesOfHost = (home: string): number[] =>
  variablesOfProcesses().flatMap(({ pid, variables }) =>
    variables.includes(`HOME=${home}`) ? [pid] : [],
  );

function variablesOfProcesses(): { readonly pid: number; readonly variables: string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return [{ pid: Number(pid), variables }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}
