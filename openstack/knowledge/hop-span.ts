import type { HopsFor } from './schema-words.ts';
import { compareReleases, type ReleaseName } from './releases.ts';

/** Whether a rule, gate or issue is for a hop. */
export function isForHop(
  hops: HopsFor,
  { from, to }: { readonly from: ReleaseName; readonly to: ReleaseName },
): boolean {
  if (Array.isArray(hops)) return hops.some(([before, after]) => before === from && after === to);
  if ('into' in hops)
    return compareReleases(from, hops.into) < 0 && compareReleases(to, hops.into) >= 0;
  return (
    compareReleases(from, hops.since) >= 0 &&
    (hops.until === undefined || compareReleases(to, hops.until) <= 0)
  );
}

/** Whether a hop that it is for begins at a release. Only named hops say so. */
export const beginsAtRelease = (hops: HopsFor, series: ReleaseName): boolean =>
  Array.isArray(hops) && hops.some(([from]) => from === series);
