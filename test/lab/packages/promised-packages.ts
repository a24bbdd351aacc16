import type { RealLab } from '../lab.ts';
import type { PartStage } from '../part.ts';
import type { LabWorld } from '../world.ts';

/** `2:26.1.0-4 -> 3:31.0.0-6` by package; without one of both `not installed` or `removed`. */
export type PackageMoves = ReadonlyMap<string, string>;

/**
 * What the texts that an approver could open say of a host's packages: the lines below the steps that ask apt, on this host.
 * A title ends with `on ctl1, cmp1`'s own line, ` · on ctl1, cmp1 · `.
 */
export function promisedMoves(text: string, host: string): PackageMoves {
  const found = new Map<string, string>();
  let isHere = false;
  for (const line of text.split('\n')) {
    const [, kind, on] = /^`[^`]+` · (\S+) · on ([^·]+) · /.exec(line) ?? [];
    if (on !== undefined)
      isHere = kind === 'package-forecast' && on.trim().split(', ').includes(host);
    const [, only = host, name, move] =
      /^ {4}(?:on (\S+): )?([a-z0-9][a-z0-9+.:-]*): (\S.* -> \S+)$/.exec(line) ?? [];
    if (isHere && only === host && name !== undefined && move !== undefined)
      found.set(withoutArchitecture(name), move);
  }
  return found;
}

/** What dpkg's log says became of each package: from the first version to the last; what came back to it moved nowhere. */
export function dpkgMoves(log: string): PackageMoves {
  const [first, last] = [new Map<string, string>(), new Map<string, string>()];
  for (const line of log.split('\n')) {
    const [, verb, name = '', from = '', to = ''] =
      /^\S+ \S+ (install|upgrade|remove|purge) (\S+) (\S+) (\S+)$/.exec(line) ?? [];
    if (verb === undefined) continue;
    const key = withoutArchitecture(name);
    const isNew = verb === 'install';
    // Of a removed package whose configuration is left, `install` names the version that it had.
    if (!first.has(key)) first.set(key, isNew || from === '<none>' ? 'not installed' : from);
    last.set(key, verb === 'remove' || verb === 'purge' || to === '<none>' ? 'removed' : to);
  }
  return new Map(
    [...first].flatMap(([key, from]): [string, string][] => {
      const to = last.get(key) ?? 'removed';
      const isNothing = from === to || (from === 'not installed' && to === 'removed');
      return isNothing ? [] : [[key, `${from} -> ${to}`]];
    }),
  );
}

/** A line for each package of which one says something else than the other. */
export function moveDifferences(promised: PackageMoves, done: PackageMoves): string[] {
  const names = [...new Set([...promised.keys(), ...done.keys()])].toSorted();
  return names
    .filter((name) => promised.get(name) !== done.get(name))
    .map(
      (name) =>
        `${name}: promised ${promised.get(name) ?? 'nothing'}, dpkg's log says ${done.get(name) ?? 'nothing'}`,
    );
}

const withoutArchitecture = (name: string): string => name.replace(/:(amd64|arm64|all)$/, '');

/** How long dpkg's log of each host is: call it before the run is started. */
export async function dpkgLogSizes(
  lab: RealLab,
  hosts: readonly string[],
): Promise<Record<string, number>> {
  const sizes = await Promise.all(
    hosts.map(async (host) => [host, Number(await lab.sh(host, sizeOfLog))] as const),
  );
  return Object.fromEntries(sizes);
}

const sizeOfLog = 'cat /var/log/dpkg.log 2>/dev/null | wc -c';

/**
 * Expects of each host that the packages which its approval named, from and to, are those that dpkg's log says moved since.
 * `also` are packages that other steps of the plan move, such as a key of an archive.
 */
export async function movedAsPromised(
  { lab, world, expect, note }: PartStage,
  since: Readonly<Record<string, number>>,
  also: readonly string[] = [],
): Promise<void> {
  const read = await approvalTexts(world);
  for (const [host, size] of Object.entries(since)) {
    const promised = promisedMoves(read, host);
    // oxlint-disable-next-line no-await-in-loop -- a host after the other
    const done = dpkgMoves(await lab.sh(host, `tail -c +${size + 1} /var/log/dpkg.log`));
    const apart = moveDifferences(promised, done).filter(
      (line) => !also.includes(line.split(': ', 1)[0] ?? ''),
    );
    note(`packages that the approval named on ${host}`, promised.size);
    expect(
      `${host}: from and to of every package in the approval are what dpkg's log says`,
      promised.size > 0 && apart.length === 0,
      apart.slice(0, 30),
    );
  }
}

/** All that was uploaded for those who approve. */
const approvalTexts = async (world: LabWorld): Promise<string> =>
  (await world.workspace.uploads()).join('\n');
