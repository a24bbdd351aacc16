/** Does something again and again until what it answers is called: one at a time, and told of what goes wrong. */
export function again(
  work: () => Promise<unknown>,
  everyMs: number,
  failed: (error: unknown) => void,
): () => void {
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    work()
      .catch(failed)
      .finally(() => (isBusy = false));
  }, everyMs);
  return () => clearInterval(timer);
}
