import { compareNumbers, upstreamNumbers, versionParts } from './upstream-version.ts';

/** By release: the first and the last version of a project. */
type Ranges<Name extends string> = Readonly<Partial<Record<Name, readonly [string, string]>>>;

/**
 * The release that a version of a project is of, `2:12.0.6-0ubuntu1~cloud0` being Liberty's nova. `undefined` for a version
 * that is of no known one. `names` are the releases, oldest first.
 */
export function releaseOfVersion<Name extends string>(
  version: string,
  ranges: Ranges<Name>,
  names: readonly Name[],
): Name | undefined {
  const wanted = upstreamNumbers(version);
  const known = names.flatMap((name) => {
    const range = ranges[name];
    return range === undefined
      ? []
      : [{ name, first: upstreamNumbers(range[0]), last: upstreamNumbers(range[1]) }];
  });
  const found = known.findLast(({ first }) => compareNumbers(first, wanted) <= 0);
  // Between the dates and the first number that was counted there is nothing.
  if (found === undefined || found.first[0] !== wanted[0]) return undefined;
  // A later point release than the list knows is still of its release; a later major is of a release to come.
  const isNewest = found === known.at(-1);
  return isNewest && (wanted[1] ?? 0) > (found.last[1] ?? 0) ? undefined : found.name;
}

/** Compares `3.10.8` and `3.9`, part by part as numbers: negative, 0 or positive. */
export const compareVersions = (a: string, b: string): number =>
  compareNumbers(versionParts(a), versionParts(b));
