import { latest } from '../../handlers/contract/latest.ts';
import type { RunEvent } from '../../jobs/run/events.ts';

interface KnownPart<S> {
  readonly state: S;
  readonly count: number;
  readonly last: RunEvent;
}

interface Folding<S> {
  readonly begin: (first: RunEvent) => S;
  readonly next: (state: S, event: RunEvent) => S;
}

/** Of the last runs that were asked for. */
const mostRuns = 20;

/**
 * Folds a run's events, and goes on from where it stood where the same events come again with more behind them: a store hands
 * out the same objects as long as it reads on.
 */
export function foldingOn<S>({
  begin,
  next,
}: Folding<S>): (run: string, events: readonly RunEvent[]) => S | undefined {
  const known = latest<KnownPart<S>>(mostRuns);
  return (run, events) => {
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const found = known.get(run);
    const goesOn = found !== undefined && events[found.count - 1] === found.last;
    const from = goesOn ? found : { state: begin(first), count: 1 };
    const state = events.slice(from.count).reduce(next, from.state);
    return known.keep(run, { state, count: events.length, last }).state;
  };
}
