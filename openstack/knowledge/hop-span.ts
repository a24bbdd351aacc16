import type { HopsFor } from './schema-words.ts';
import { compareSeries, type SeriesName } from './series.ts';

/** Whether a rule, gate or issue is for a hop. */
export function isForHop(
  hops: HopsFor,
  { from, to }: { readonly from: SeriesName; readonly to: SeriesName },
): boolean {
  if (Array.isArray(hops)) return hops.some(([before, after]) => before === from && after === to);
  if ('into' in hops)
    return compareSeries(from, hops.into) < 0 && compareSeries(to, hops.into) >= 0;
  return (
    compareSeries(from, hops.since) >= 0 &&
    (hops.until === undefined || compareSeries(to, hops.until) <= 0)
  );
}

/** Whether a hop that it is for begins at a series. Only named hops say so. */
export const beginsAtSeries = (hops: HopsFor, series: SeriesName): boolean =>
  Array.isArray(hops) && hops.some(([from]) => from === series);
