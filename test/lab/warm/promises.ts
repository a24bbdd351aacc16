import type { ApiGap } from './api-watch.ts';

/** The step that a run's card named from this moment on. */
export interface StepSeen {
  readonly at: number;
  readonly step: number;
}

interface Outage {
  readonly from: number;
  readonly to: number;
}

/** What approvals say after "APIs down": `keystone 19–121, glance 20–60`. */
export function promisedOutages(approvals: readonly string[]): Map<string, readonly Outage[]> {
  const found = new Map<string, Outage[]>();
  for (const text of approvals)
    for (const line of text.split('\n').filter((one) => one.includes('APIs down')))
      for (const [, api = '', from, to] of line.matchAll(/([a-z]+) (\d+)–(\d+|for good)/g))
        found.set(api, [
          ...(found.get(api) ?? []),
          { from: Number(from), to: to === 'for good' ? Infinity : Number(to) },
        ]);
  return found;
}

/** Times without an answer that no outage covers, in words. The balancer looks every 2 s, so the end may be a step later. */
export function unpromisedGaps(
  outages: readonly Outage[],
  gaps: readonly ApiGap[],
  steps: readonly StepSeen[],
): string[] {
  const stepAt = (at: number): number => steps.findLast((seen) => seen.at <= at)?.step ?? 0;
  return gaps
    .map(({ from, to }) => ({ seconds: (to - from) / 1000, first: stepAt(from), last: stepAt(to) }))
    .filter(
      ({ first, last }) => !outages.some(({ from, to }) => from - 1 <= first && last <= to + 1),
    )
    .map(({ seconds, first, last }) => `${seconds} s from step ${first} to ${last}`);
}
