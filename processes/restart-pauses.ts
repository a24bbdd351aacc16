/** A process that dies sooner than this after its start is not started again at once. */
const quickDeathMs = 5_000;
/** Between two starts of a process that ends by itself, such as one that Slack or Redis refuses. */
const pausesMs = [2_000, 5_000, 15_000, 60_000, 300_000] as const;
/** After this long alive, the next end is the first one again. */
const steadyMs = 300_000;

/** How long to wait before a process is started again, by how it ended and how often it did so before. */
export function restartPauses(): (end: { livedMs: number; byItself: boolean }) => number {
  let ends = 0;
  return ({ livedMs, byItself }) => {
    if (livedMs > steadyMs) ends = 0;
    const wait = pausesMs[Math.min(ends, pausesMs.length - 1)] ?? 0;
    if (byItself) ends += 1;
    return byItself || livedMs < quickDeathMs ? wait : 0;
  };
}
