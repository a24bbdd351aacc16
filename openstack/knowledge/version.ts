import type { Knowledge } from './knowledge.ts';
import { type ReleaseName, releaseNames } from './releases.ts';

/**
 * The release that a version of a project is of, `2:12.0.6-0ubuntu1~cloud0` being Liberty's nova. `undefined` for a
 * project or version that is not known.
 */
export function releaseOfVersion(
  component: string,
  version: string,
  versions: Knowledge['versions'],
): ReleaseName | undefined {
  const wanted = numbersOf(version);
  const known = releaseNames.flatMap((series) => {
    const range = versions[component]?.[series];
    return range === undefined
      ? []
      : [{ series, first: numbersOf(range[0]), last: numbersOf(range[1]) }];
  });
  const found = known.findLast(({ first }) => compare(first, wanted) <= 0);
  if (found === undefined || wanted.length === 0) return undefined;
  // A later point release than the list knows is still of its release; a later major is of a release to come.
  const isNewest = found === known.at(-1);
  return isNewest && (wanted[1] ?? 0) > (found.last[1] ?? 0) ? undefined : found.series;
}

/** Compares `3.10.8` and `3.9`, part by part as numbers: negative, 0 or positive. */
export const compareVersions = (a: string, b: string): number => compare(partsOf(a), partsOf(b));

/**
 * Until Kilo versions were dates (2015.1.4), then every project began to count anew (12.0.6), so a leading 0 or 1 puts
 * dates first.
 */
function numbersOf(version: string): number[] {
  const parts = partsOf(version);
  return parts.length === 0 ? [] : [(parts[0] ?? 0) > 2000 ? 0 : 1, ...parts];
}

/** Without the epoch and what a distribution adds. */
function partsOf(version: string): number[] {
  const [, numbers] = /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return numbers === undefined ? [] : numbers.split('.').map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const apart = (a[index] ?? 0) - (b[index] ?? 0);
    if (apart !== 0) return apart;
  }
  return 0;
}
