/** Asking for what one look does for many changes: at once, and then each `everyMs` while there are more. */
export interface Paced {
  readonly ask: (run: string) => Promise<void>;
  /** Asks for all that still waits. */
  readonly flush: () => Promise<void>;
}

export function openPaced(
  now: (run: string) => Promise<void>,
  { everyMs, failed }: { readonly everyMs: number; readonly failed: (error: unknown) => void },
): Paced {
  /** What was asked a moment ago, and whether something came since. */
  const recent = new Map<string, { timer: NodeJS.Timeout; hasMore: boolean }>();
  const rest = (run: string): void => {
    const timer = setTimeout(() => {
      const { hasMore = false } = recent.get(run) ?? {};
      recent.delete(run);
      if (hasMore) ask(run).catch(failed);
    }, everyMs);
    recent.set(run, { timer, hasMore: false });
  };
  const ask = async (run: string): Promise<void> => {
    const asked = recent.get(run);
    if (asked !== undefined) {
      asked.hasMore = true;
      return;
    }
    rest(run);
    await now(run);
  };
  return {
    ask,
    flush: async () => {
      const waiting = [...recent].filter(([, { hasMore }]) => hasMore).map(([run]) => run);
      for (const { timer } of recent.values()) clearTimeout(timer);
      recent.clear();
      await Promise.all(waiting.map(now));
    },
  };
}
