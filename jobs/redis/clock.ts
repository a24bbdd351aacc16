import type { Redis } from 'ioredis';

/** The time of the store. What two processes write down may be subtracted, as both took it from here. */
export interface LogClock {
  readonly nowMs: () => number;
  readonly now: () => string;
  /** Resolves once the store was asked for the first time; until then it is the clock of this machine. */
  readonly ready: Promise<void>;
  readonly close: () => void;
}

/** Goes on by a clock that nobody sets, and asks the store every now and then, as a machine may have slept. */
export function openClock(redis: Pick<Redis, 'time'>, everyMs = 10_000): LogClock {
  let aheadMs = Date.now() - performance.now();
  async function ask(): Promise<void> {
    const askedMs = performance.now();
    const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
    const answeredMs = performance.now();
    aheadMs = seconds * 1000 + micros / 1000 - (askedMs + answeredMs) / 2;
  }
  const ready = ask().catch(() => {});
  const asking = setInterval(() => void ask().catch(() => {}), everyMs);
  asking.unref();
  const nowMs = (): number => Math.floor(performance.now() + aheadMs);
  return {
    nowMs,
    now: () => new Date(nowMs()).toISOString(),
    ready,
    close: () => clearInterval(asking),
  };
}
