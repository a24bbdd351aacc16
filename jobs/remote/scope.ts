import { filled } from './filled.ts';
import { ownScopeShell } from './scripts/embedded.ts';
import { toShell } from '../../handlers/contract/command.ts';

/** The unit of systemd that an execution runs in, where there is one: all that it starts stays in it. */
export const scopeUnit = (id: string): string => `hopscotch-${id}.scope`;

/** What asks systemd for the scope of an execution; `PID` is the process that goes into it. */
export const scopeCall = (id: string): readonly string[] => [
  ...'busctl --timeout=5 --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1'.split(
    ' ',
  ),
  ...'org.freedesktop.systemd1.Manager StartTransientUnit ssa(sv)a(sa(sv))'.split(' '),
  scopeUnit(id),
  ...'fail 3 PIDs au 1 PID CollectMode s inactive-or-failed Description s'.split(' '),
  'A step of Hopscotch',
  '0',
];

/**
 * Shell that moves the process that runs it into a scope of its own, where systemd is and lets us: then what an execution
 * started is known whatever it did, and outlives the login. `scoped` says whether it came about. A host where it does not
 * is no worse off than one without systemd.
 */
export const joinScopeShell = (id: string, become: boolean): string =>
  filled(ownScopeShell, {
    ROOT: become ? "'sudo -n'" : 'false',
    CALL: scopeCall(id)
      .map((word) => (word === 'PID' ? '$$' : toShell([word])))
      .join(' '),
    SCOPE: scopeUnit(id),
  }).trimStart();
