import type { HopsFor } from './schema-words.ts';
import { type ReleaseName, releaseNames } from './releases.ts';

/** Whether a rule, gate or issue is for a hop. */
export function isForHop(
  hops: HopsFor,
  { from, to }: { readonly from: ReleaseName; readonly to: ReleaseName },
): boolean {
  if (Array.isArray(hops)) return hops.some(([before, after]) => before === from && after === to);
  if ('into' in hops) return at(from) < at(hops.into) && at(hops.into) <= at(to);
  return at(hops.since) <= at(from) && (hops.until === undefined || at(to) <= at(hops.until));
}

const at = (release: ReleaseName): number => releaseNames.indexOf(release);

/** Whether a hop that it is for begins at a release. Only named hops say so. */
export const beginsAtRelease = (hops: HopsFor, series: ReleaseName): boolean =>
  Array.isArray(hops) && hops.some(([from]) => from === series);
