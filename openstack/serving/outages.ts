import type { ProbeChange, ProbedThing } from '../../jobs/run/serving/probe-change.ts';
import type { Found } from './found.ts';

/** One look: what it found, and between when; ms by a clock that nobody sets. */
export interface Sight extends Found {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Makes of many looks at one thing the few changes that a log keeps, and measures how long it was down. */
export interface OutageMeter {
  readonly note: (sight: Sight) => void;
  /** Whether anything was seen yet. */
  readonly hasSeen: () => boolean;
  /** What is to be told now, if anything, to a log that says this. */
  readonly due: (nowMs: number, logged: Found['is'] | undefined) => MeteredChange | undefined;
  /** It stands in the log. */
  readonly told: (change: MeteredChange) => void;
}

export type MeteredChange = Omit<ProbeChange, 'probe' | 'since'> & { readonly sinceMs: number };

/** While outages follow each other, the log hears that it is back only once it has been for a while: at most a minute. */
const calmMs = (outages: number): number =>
  outages <= 1 ? 0 : Math.min(1000 * 2 ** (outages - 1), 60_000);
const forgetMs = 300_000;

interface Seen extends Found {
  readonly sinceMs: number;
}

/** `known`: what the log says already, and since when by this clock. */
export function openOutageMeter(
  known?: Pick<ProbedThing, 'is'> & { readonly sinceMs: number },
): OutageMeter {
  let seen: Seen | undefined = known?.is === 'down' ? { ...known } : undefined;
  let newestMs = -Infinity;
  let downMs = 0;
  let begun: readonly number[] = [];

  function turn({ is, why, startedMs, endedMs }: Sight): void {
    if (seen?.is === 'down') downMs += (is === 'up' ? endedMs : startedMs) - seen.sinceMs;
    const sinceMs = is === 'up' ? endedMs : startedMs;
    seen = { is, sinceMs, ...(why !== undefined && { why }) };
    if (is === 'down') begun = [...begun.filter((ms) => startedMs - ms < forgetMs), startedMs];
  }

  return {
    note: (sight) => {
      // A look that began earlier and ended later says how it was, not how it is.
      if (sight.startedMs < newestMs) return;
      newestMs = sight.startedMs;
      if (seen?.is !== sight.is) turn(sight);
    },
    hasSeen: () => newestMs > -Infinity,
    due: (nowMs, logged) => {
      if (seen === undefined || newestMs === -Infinity) return undefined;
      const isCalm = seen.is !== 'up' || nowMs - seen.sinceMs >= calmMs(begun.length);
      // What is down again before it was told to be back is one outage.
      const isNews = seen.is !== logged || (seen.is === 'up' && downMs >= 1);
      if (!isCalm || !isNews) return undefined;
      const { is, sinceMs, why } = seen;
      const measured = Math.round(downMs);
      return {
        is,
        sinceMs,
        ...(why !== undefined && { why }),
        ...(measured > 0 && { downMs: measured }),
      };
    },
    told: ({ downMs: told = 0 }) => {
      downMs = Math.max(0, downMs - told);
    },
  };
}
