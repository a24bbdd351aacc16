/** How often outputs are saved: the more steps print at once, the longer each waits, so that saving costs no more. */
export interface SavePace {
  /** Calls again and again until what it answers is called. Never calls while the last call is under way. */
  readonly repeat: (call: () => Promise<void>) => () => void;
}

/** Masking the end of an output takes some 4 ms; `eachMs` for each step makes that a fifth of a processor at most. */
export function openSavePace({ leastMs = 1000, eachMs = 20 } = {}): SavePace {
  let count = 0;
  return {
    repeat: (call) => {
      let timer: NodeJS.Timeout | undefined;
      let isOver = false;
      count += 1;
      const wait = (): void => {
        if (isOver) return;
        timer = setTimeout(() => void call().finally(wait), Math.max(leastMs, count * eachMs));
      };
      wait();
      return () => {
        if (!isOver) count -= 1;
        isOver = true;
        clearTimeout(timer);
      };
    },
  };
}
