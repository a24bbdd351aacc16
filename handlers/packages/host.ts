import { z } from 'zod';
import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { ServiceName } from '../services/service.ts';
import { KeptPackage, readKept } from './kept.ts';
import { packageLookShell } from './scripts/embedded.ts';

/** What an upgrade of a whole host is judged by, beside its packages. */
export const HostState = z.strictObject({
  /** Of its distribution's release, such as trixie; empty where the host does not say. */
  codename: z.string(),
  /** The release that it cannot be told from: sid, on Debian's testing and on its unstable. */
  rolling: z.string().optional(),
  /** Whether services are still held by a run that was interrupted. */
  isHeld: z.boolean(),
  /** Services that start at boot and run. */
  running: z.array(z.string()),
  /** Services that start at boot and do not run. */
  down: z.array(z.string()),
  /** Of the services that the step names: those that run. */
  up: z.array(z.string()),
  /** What a full upgrade would still do, a line a package. */
  pending: z.array(z.string()),
  /** Why apt finds no way to upgrade. */
  refused: z.array(z.string()),
  /** What a full upgrade would leave at its version although a newer one is offered. Absent: nothing. */
  kept: z.array(KeptPackage).optional(),
});
export type HostState = z.infer<typeof HostState>;

export const RunningServices = z.array(ServiceName);

/** Looks at a host; what a full upgrade would do only where `isFull`. */
export const hostProbe = (isFull: boolean, services: readonly string[]): Command =>
  command(['sh', '-c', packageLookShell, 'sh', isFull ? 'full' : 'none', ...services]);

export function readHostState(output: CommandOutput | undefined): HostState {
  const rows = (output?.stdout ?? '').split('\n');
  const of = (word: string): string[] =>
    rows.filter((row) => row.startsWith(`${word} `)).map((row) => row.slice(word.length + 1));
  const names = (word: string) => of(word).toSorted();
  const kept = readKept(rows);
  const [rolling] = of('rolling');
  return {
    codename: of('codename')[0] ?? '',
    ...(rolling !== undefined && { rolling }),
    isHeld: of('held').length > 0,
    running: names('running'),
    down: names('down'),
    up: names('up'),
    pending: of('pending').map(pending),
    refused: of('refused'),
    ...(kept.length > 0 && { kept }),
  };
}

/** A line of `apt-get --simulate`: `Inst nova-api [2:26] (2:31 Debian:13 [all])`, `Remv python3.11 [3.11]`. */
function pending(line: string): string {
  const [verb, name = ''] = line.split(' ');
  const from = /^\S+ \S+ \[([^\]]*)\]/.exec(line)?.[1];
  if (verb === 'Remv') return `${name}: ${from ?? 'not installed'} -> removed`;
  return `${name}: ${from ?? 'not installed'} -> ${/\((\S+)/.exec(line)?.[1] ?? 'unknown'}`;
}
