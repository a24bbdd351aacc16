export interface Latest<T> {
  readonly get: (name: string) => T | undefined;
  /** Answers with the value. */
  readonly keep: (name: string, value: T) => T;
  /** All, where no name is given. */
  readonly forget: (name?: string) => void;
}

/** Keeps so many values by name: beyond that the one goes that was kept longest ago. */
export function latest<T>(most: number): Latest<T> {
  const kept = new Map<string, T>();
  return {
    get: (name) => kept.get(name),
    keep: (name, value) => {
      kept.delete(name);
      kept.set(name, value);
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
      return value;
    },
    forget: (name) => (name === undefined ? kept.clear() : void kept.delete(name)),
  };
}
