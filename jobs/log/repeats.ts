/** The time, and a way to be called later that keeps no process alive. */
export interface RepeatTimer {
  readonly now: () => number;
  readonly after: (ms: number, call: () => void) => void;
}

export const systemClock: RepeatTimer = {
  now: Date.now,
  after: (ms, call) => {
    setTimeout(call, ms).unref();
  },
};

export interface RepeatedWarning {
  /** How often it was heard since it was last said; 0 the first time. */
  readonly count: number;
  /** In how long a time. */
  readonly sinceMs: number;
}

export interface RepeatCounter {
  /** Calls `say` at once for what is new, and later with a count for what goes on. */
  readonly hear: (key: string, say: (repeated: RepeatedWarning) => void) => void;
}

/** Said again after these times while it goes on, and from then on after the last one. */
const intervalsMs = [10, 60, 600, 3600, 7200].map((seconds) => seconds * 1000);
/** What was not heard for so long is new when it comes again. */
const quietMs = 600_000;
const mostKeys = 500;

interface State {
  count: number;
  saidAt: number;
  heardAt: number;
  round: number;
  say: (repeated: RepeatedWarning) => void;
}

/** Counts what is said over and over: a day of the same costs some sixteen lines. */
export function openRepeatCounter(clock: RepeatTimer): RepeatCounter {
  const states = new Map<string, State>();

  function later(key: string, state: State): void {
    const ms = intervalsMs[Math.min(state.round, intervalsMs.length - 1)] ?? 0;
    clock.after(ms, () => {
      if (states.get(key) !== state) return;
      const now = clock.now();
      const { count, saidAt, heardAt, say } = state;
      if (count > 0) {
        Object.assign(state, { count: 0, saidAt: now, round: state.round + 1 });
        say({ count, sinceMs: now - saidAt });
      } else if (now - heardAt >= quietMs) {
        states.delete(key);
        return;
      }
      later(key, state);
    });
  }

  return {
    hear: (key, say) => {
      const now = clock.now();
      const known = states.get(key);
      if (known !== undefined && now - known.heardAt < quietMs) {
        known.count += 1;
        Object.assign(known, { heardAt: now, say });
        return;
      }
      const [oldest] = states.keys();
      if (states.size >= mostKeys && oldest !== undefined) states.delete(oldest);
      const state = { count: 0, saidAt: now, heardAt: now, round: 0, say };
      states.set(key, state);
      say({ count: 0, sinceMs: 0 });
      later(key, state);
    },
  };
}
