import {
  compareNumbers,
  upstreamNumbers,
  versionParts,
} from '../../handlers/packages/upstream-version.ts';
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
  const wanted = upstreamNumbers(version);
  const known = releaseNames.flatMap((series) => {
    const range = versions[component]?.[series];
    return range === undefined
      ? []
      : [{ series, first: upstreamNumbers(range[0]), last: upstreamNumbers(range[1]) }];
  });
  const found = known.findLast(({ first }) => compareNumbers(first, wanted) <= 0);
  if (found === undefined || wanted.length === 0) return undefined;
  // A later point release than the list knows is still of its release; a later major is of a release to come.
  const isNewest = found === known.at(-1);
  return isNewest && (wanted[1] ?? 0) > (found.last[1] ?? 0) ? undefined : found.series;
}

/** Compares `3.10.8` and `3.9`, part by part as numbers: negative, 0 or positive. */
export const compareVersions = (a: string, b: string): number =>
  compareNumbers(versionParts(a), versionParts(b));
