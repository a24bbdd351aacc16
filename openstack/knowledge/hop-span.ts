import type { HopsFor } from './schema-words.ts';
import { type ReleaseName, compareReleases } from './releases.ts';

/** Whether a rule, gate or issue is for a hop. */
export function isForHop(
  hops: HopsFor,
  { from, to }: { readonly from: ReleaseName; readonly to: ReleaseName },
): boolean {
  if (Array.isArray(hops)) return hops.some(([before, after]) => before === from && after === to);
  if ('into' in hops)
    return compareReleases(from, hops.into) < 0 && compareReleases(hops.into, to) <= 0;
  return (
    compareReleases(hops.since, from) <= 0 &&
    (hops.until === undefined || compareReleases(to, hops.until) <= 0)
  );
}

/** Whether a hop that it is for begins at a release. Only named hops say so. */
export const beginsAtRelease = (hops: HopsFor, series: ReleaseName): boolean =>
  Array.isArray(hops) && hops.some(([from]) => from === series);
