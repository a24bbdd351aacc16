import { z } from 'zod';
import { OperatorError } from '../contract/errors.ts';
import type { PackageState } from './state.ts';

/** A package that apt leaves at its version although a newer one is offered, and what keeps it. */
export const KeptPackage = z.strictObject({
  name: z.string(),
  source: z.string(),
  by: z.enum(['dependencies', 'phasing', 'pin']),
  offered: z.string().optional(),
});
export type KeptPackage = z.infer<typeof KeptPackage>;

type Packages = PackageState & {
  readonly host?: { readonly kept?: readonly KeptPackage[] | undefined } | undefined;
};

/** Reads what `keptShell` prints. */
export function readKept(rows: readonly string[]): KeptPackage[] {
  const of = (tag: string): string[][] =>
    rows.filter((row) => row.startsWith(`${tag} `)).map((row) => row.split(' ').slice(1));
  const phased = new Set(of('phased').map(([name]) => name));
  return [
    ...of('kept').map(([name = '', source = '']) => ({
      name,
      source,
      by: 'dependencies' as const,
    })),
    ...of('phased').map(([name = '', source = '']) => ({ name, source, by: 'phasing' as const })),
    ...of('pinned').map(([name = '', source = '', offered = '']) => ({
      name,
      source,
      by: 'pin' as const,
      offered,
    })),
  ].filter(({ name, by }) => by !== 'dependencies' || !phased.has(name));
}

/** `neutron-l3-agent 2:22.0.2 is kept back: on hold`. */
export const keptLines = (kept: readonly KeptPackage[], state: PackageState): string[] =>
  kept.map((one) => {
    const version = state.installed[one.name];
    return `${one.name}${version === undefined ? '' : ` ${version}`} is kept back: ${whyKept(one, state)}`;
  });

function whyKept({ name, by, offered }: KeptPackage, { holds }: PackageState): string {
  if (holds.includes(name)) return 'on hold';
  if (by === 'pin') return `pinned, so that ${offered ?? 'a newer version'} is not taken`;
  return by === 'phasing'
    ? "the archive's phased update has not reached this host yet"
    : 'its dependencies cannot be met';
}

interface Wanted {
  /** Name and version that each package was promised to have afterwards; an empty one: that it is gone. */
  readonly promised: Readonly<Record<string, string>>;
  /** Source packages of which nothing may stay behind. Absent: of all. */
  readonly sources?: readonly string[] | undefined;
}

/**
 * apt-get ends with 0 where it keeps packages back. What its archive gives to some hosts earlier than to others is left to
 * the archive, unless that very version was promised.
 */
export function refuseKept({ promised, sources }: Wanted, state: Packages): void {
  const missed = mustMove(sources, state).filter(({ name }) => promised[name] === undefined);
  const wrong = Object.entries(promised).filter(
    ([name, version]) => (state.installed[name] ?? '') !== version,
  );
  const names = [...missed.map(({ name }) => name), ...wrong.map(([name]) => name)];
  if (names.length === 0) return;
  const said = [
    ...keptLines(missed, state),
    ...wrong.map(([name, version]) => wrongLine(name, version, state)),
  ];
  const held = names.filter((name) => state.holds.includes(name));
  throw new OperatorError(`upgrading packages: apt ended well, but ${said.join('; ')}`, {
    name: 'KeptBack',
    hint:
      held.length > 0
        ? `Find out who put them on hold; to go on, apt-mark unhold ${held.join(' ')}, then Retry.`
        : `Look at: apt-cache policy ${names.slice(0, 5).join(' ')}`,
  });
}

/** What apt keeps back and the step must not leave behind. */
export const mustMove = (
  sources: readonly string[] | undefined,
  { host, holds }: Packages,
): KeptPackage[] =>
  (host?.kept ?? [])
    .filter(({ source }) => sources?.includes(source) ?? true)
    .filter(({ name, by }) => by !== 'phasing' || holds.includes(name));

function wrongLine(name: string, version: string, state: Packages): string {
  const is = state.installed[name] ?? 'not installed';
  const kept = state.host?.kept?.find((one) => one.name === name);
  const why = kept === undefined ? '' : ` (${whyKept(kept, state)})`;
  return `${name} is ${is}${why} instead of ${version === '' ? 'removed' : version}`;
}
