import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` answers something truthy, and returns it. Throws when that takes too long. */
export async function eventually<T>(
  condition: () => Wanted<T> | Promise<Wanted<T>>,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await sleep(20);
  }
}

type Wanted<T> = T | false | null | undefined;

/** What a promise was rejected with; throws when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const answer = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (answer instanceof Error) return answer;
  throw new Error('nothing was thrown');
}
