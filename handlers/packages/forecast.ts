import { z } from 'zod';
import type { CommandOutput } from '../contract/command.ts';
import { maskSecrets } from '../redaction/redact.ts';
import { KeptPackage, readKept } from './kept.ts';

/** What apt would do to a host with the sources of a plan. */
export const PackageForecast = z.strictObject({
  /** Whether apt was asked to the end, and every archive of the plan was read. */
  isKnown: z.boolean(),
  /** In apt's order; without `from` new, without `to` removed. */
  moves: z.array(
    z.strictObject({ name: z.string(), from: z.string().optional(), to: z.string().optional() }),
  ),
  /** What is installed of the sources that were asked about. */
  installed: z.array(z.strictObject({ source: z.string(), name: z.string(), version: z.string() })),
  kept: z.array(KeptPackage),
  /** Versions that go and that no archive offers any more. */
  lost: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      from: z.enum(['cache', 'repack', 'nowhere']),
    }),
  ),
  /** Why apt would not bring all old versions back afterwards; not asked where one is to be had nowhere. */
  back: z.array(z.string()).default([]),
  /** Why apt finds no way. */
  refused: z.array(z.string()),
  /** What could not be fetched. */
  unread: z.array(z.string()),
});
export type PackageForecast = z.infer<typeof PackageForecast>;
export type PackageMove = PackageForecast['moves'][number];

/** Reads what `package-forecast.sh` prints. */
export function readForecast(output: CommandOutput | undefined): PackageForecast {
  const rows = (output?.stdout ?? '').split('\n');
  const of = (tag: string): string[] =>
    rows.filter((row) => row.startsWith(`${tag} `)).map((row) => row.slice(tag.length + 1));
  // What the host had read before from another archive stays in use.
  const missing = of('missing');
  const unread = [...of('unread'), ...missing.map((one) => `nothing of ${one}`)].map((said) =>
    maskSecrets(said),
  );
  return {
    isKnown: output?.exit === 0 && rows.includes('end') && missing.length === 0,
    moves: of('move').map(moveOf),
    installed: of('is').map((row) => {
      const [source = '', name = '', version = ''] = row.split(' ');
      return { source, name, version };
    }),
    kept: readKept(rows),
    lost: of('lost').map((row) => {
      const [name = '', version = '', from] = row.split(' ');
      const isCopied = from === 'cache' || from === 'repack';
      return { name, version, from: isCopied ? from : ('nowhere' as const) };
    }),
    back: of('noback'),
    refused: of('refused'),
    unread:
      output === undefined || output.exit !== 0
        ? [...unread, maskSecrets(output?.stderr.trim() || 'apt gave no answer')]
        : unread,
  };
}

/** `Inst nova-api [2:26] (2:31 Debian:13 [all])`, `Remv python3.11 [3.11]`. */
function moveOf(line: string): PackageMove {
  const [verb, name = ''] = line.split(' ');
  const from = /^\S+ \S+ \[([^\]]*)\]/.exec(line)?.[1];
  const to = verb === 'Remv' ? undefined : /\((\S+)/.exec(line)?.[1];
  return { name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** `nova-api: 2:26 -> 2:31`. */
export const moveLine = ({ name, from, to }: PackageMove): string =>
  `${name}: ${from ?? 'not installed'} -> ${to ?? 'removed'}`;

export interface ForecastPackage {
  readonly source: string;
  readonly name: string;
  readonly from: string;
  /** Absent: it goes. */
  readonly to?: string;
}

/** Whether apt was asked to the end, and leaves all as it is. */
export const bringsNothing = (found: PackageForecast | undefined): boolean =>
  found?.isKnown === true &&
  [found.moves, found.kept, found.refused, found.unread].every((all) => all.length === 0);

/** What becomes of the installed packages that were asked about, those that stay as they are too. */
export const packagesAfter = ({ installed, moves }: PackageForecast): ForecastPackage[] => {
  const moving = new Map(moves.map((move) => [move.name, move]));
  return installed.map(({ source, name, version }) => {
    const move = moving.get(name);
    const to = move === undefined ? version : move.to;
    return { source, name, from: version, ...(to !== undefined && { to }) };
  });
};
