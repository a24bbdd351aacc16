import type { RunEvent } from '../events.ts';
import type { Run } from '../run.ts';
import type { ProbeChange } from './probe-change.ts';
import { isHeldByServing, servingBreaches } from './serving.ts';

/** A service that was just started, or hangs for a moment, wakes nobody. */
const breachAfterMs = 10_000;

/** What of these the log does not say yet, or how long an outage was that it has not heard of. */
export function servingNews(
  run: Run,
  changes: readonly ProbeChange[],
  at: string,
): RunEvent | undefined {
  if (run.ended !== undefined) return undefined;
  const news = changes.filter(
    ({ probe, is, downMs = 0 }) => run.serving?.probes[probe]?.is !== is || downMs > 0,
  );
  return news.length === 0 ? undefined : { type: 'ServingChanged', at, changes: news };
}

/** That people are to be told what does not hold; undefined where it lasts too short a while, or they were told. */
export function breachEvent(run: Run, at: string): RunEvent | undefined {
  if (!isHeldByServing(run)) return undefined;
  const probes = servingBreaches(run).filter((probe) => {
    const since = run.serving?.probes[probe]?.since ?? at;
    return Date.parse(at) - Date.parse(since) >= breachAfterMs;
  });
  const told = run.serving?.breach?.probes ?? [];
  return probes.some((probe) => !told.includes(probe))
    ? { type: 'ServingBreached', at, probes }
    : undefined;
}

/** That nobody probes any more: what was found last is not how it is. */
export function unprobedEvent(
  run: Run,
  { at, since }: { at: string; since: string },
): RunEvent | undefined {
  if (run.ended !== undefined) return undefined;
  const changes = Object.entries(run.serving?.probes ?? {})
    .filter(([, { is }]) => is !== 'notProbed')
    .map(([probe]): ProbeChange => ({ probe, is: 'notProbed', since, why: 'no prober runs' }));
  return changes.length === 0 ? undefined : { type: 'ServingChanged', at, changes };
}
