import type { ApiGap } from './api-watch.ts';

/** The step that a run's card named from this moment on. */
export interface StepSeen {
  readonly at: number;
  readonly step: number;
}

/** From which step to which one an approval says that an API is down. */
export interface ApiOutage {
  readonly from: number;
  readonly to: number;
}

/** What approvals say after "APIs down": `keystone 19–121, glance 20–60`. */
export function promisedOutages(approvals: readonly string[]): Map<string, readonly ApiOutage[]> {
  const found = new Map<string, ApiOutage[]>();
  const lines = approvals.flatMap((text) => text.split('\n'));
  // A message of a thread may be read twice.
  for (const line of new Set(lines.filter((one) => one.includes('APIs down'))))
    for (const [, api = '', from, to] of line.matchAll(/([a-z]+) (\d+)–(\d+|for good)/g))
      found.set(api, [
        ...(found.get(api) ?? []),
        { from: Number(from), to: to === 'for good' ? Infinity : Number(to) },
      ]);
  return found;
}

/** Times without an answer that no outage covers, in words. The balancer looks every 2 s, so the end may be a step later. */
export function unpromisedGaps(
  outages: readonly ApiOutage[],
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

/** `steps 19–124, which took 412 s`: what approvals said, and how long that was by the clock. */
export function promiseWords(outages: readonly ApiOutage[], steps: readonly StepSeen[]): string {
  if (outages.length === 0) return 'nothing';
  const last = steps.at(-1)?.at ?? 0;
  const begin = (step: number): number => steps.find((seen) => seen.step >= step)?.at ?? last;
  const took = outages.reduce((sum, { from, to }) => sum + begin(to + 1) - begin(from), 0);
  const named = outages.map(({ from, to }) => `${from}–${to === Infinity ? 'for good' : to}`);
  return `steps ${named.join(', ')}, which took ${Math.round(took / 1000)} s`;
}
