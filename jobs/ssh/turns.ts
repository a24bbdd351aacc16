/** Runs at most `max` pieces of work at a time, the rest in the order they came. */
export function limiter(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

export interface JointWork {
  /** Begins the work of a key, or waits for the one of that key that is under way. */
  readonly join: (key: string, begin: () => Promise<unknown>) => Promise<void>;
  /** Resolves when all that is under way has ended, well or not. */
  readonly settled: () => Promise<void>;
}

/** Does the same work once for all who want it at the same time. */
export function jointWork(): JointWork {
  const underway = new Map<string, Promise<unknown>>();
  return {
    join: async (key, begin) => {
      let work = underway.get(key);
      if (work === undefined) {
        work = begin();
        underway.set(key, work);
        const forget = (): boolean => underway.delete(key);
        work.then(forget, forget);
      }
      await work;
    },
    settled: async () => {
      await Promise.allSettled(underway.values());
    },
  };
}
