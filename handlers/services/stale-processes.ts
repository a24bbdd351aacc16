import { z } from 'zod';
import { command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn, deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { ServiceName } from './service.ts';
import { restartStaleShell, staleLookShell } from './scripts/embedded.ts';

const Stale = z.strictObject({
  pid: z.int(),
  unit: z.string(),
  /** The program, by the path that it had. */
  program: z.string(),
});
type Stale = z.infer<typeof Stale>;

/**
 * Finds processes of services that still run from files that an upgrade took away: they answer, but are the old release, and
 * break as soon as they load a file of the new one. With `restart` their services are restarted; else the step fails, and
 * names them.
 */
export const staleProcessesHandler = defineHandler({
  kind: 'stale-processes',
  params: z.strictObject({
    units: z
      .array(ServiceName)
      .min(1)
      .describe('The services that are looked at, as systemd calls them. Others are left alone.'),
    restart: z
      .boolean()
      .default(false)
      .describe('true: restarts those that have such processes. Default: fails and names them.'),
  }),
  before: z.array(Stale),
  timeoutMs: 10 * 60_000,
  // A service that was restarted runs as it did.
  reversibility: () => 'reversible',
  probe: ({ units }) => [command(['sh', '-c', staleLookShell, 'sh', ...units])],
  parse: ([output]) => readStale(output),
  isDone: ({ restart }, found, before) => {
    if (found.length === 0) return true;
    if (restart && before === undefined) return false;
    throw new OperatorError(
      `looking for processes of an older release: these still run from files that are gone: ${found.map(said).join(', ')}`,
      {
        name: 'StaleProcesses',
        hint: `Restart them: systemctl restart ${[...new Set(found.map(({ unit }) => unit))].join(' ')}`,
      },
    );
  },
  apply: ({ units, restart }) =>
    restart ? [command(['sh', '-c', restartStaleShell, 'sh', ...units])] : [],
  undo: () => [],
  isRestored: () => true,
  does: ({ units, restart }) =>
    restart
      ? deedOn('restart what still runs old programs or libraries', 'restart', units)
      : deedOfChecking('look for processes that still run old programs or libraries'),
  changes: (_params, found) =>
    [...new Set(found.map(({ unit }) => unit))]
      .map(
        (unit) => `${unit}: restarted, as these run from files that are gone: ${of(unit, found)}`,
      )
      .join('\n'),
});

const said = ({ pid, unit, program }: Stale): string => `${unit} (${program}, process ${pid})`;

const of = (unit: string, found: readonly Stale[]): string =>
  found
    .filter((one) => one.unit === unit)
    .map(({ pid, program }) => `${program}, process ${pid}`)
    .join('; ');

function readStale(output: CommandOutput | undefined): Stale[] {
  const rows = (output?.stdout ?? '').split('\n').filter((row) => row !== '');
  if (!rows.includes('systemd'))
    throw new OperatorError('looking for processes of an older release: the host has no systemd', {
      name: 'ServiceManagerSilent',
      hint: 'Without systemd nobody knows which service a process is of: restart the services instead.',
    });
  return rows
    .filter((row) => row !== 'systemd')
    .map((row) => {
      const [pid, unit = '', ...program] = row.split(' ');
      return { pid: Number(pid), unit, program: program.join(' ') };
    })
    .toSorted((a, b) => a.unit.localeCompare(b.unit) || a.pid - b.pid);
}
