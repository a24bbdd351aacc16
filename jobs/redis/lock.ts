import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';

/** Who holds a cloud, since when and why. */
export const CloudLock = z.strictObject({
  run: z.string(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
});
export type CloudLock = z.infer<typeof CloudLock>;

export const cloudLockKey = (cloud: string): string => `hopscotch:cloud:${cloud}:lock`;
export const lastRunKey = (cloud: string): string => `hopscotch:cloud:${cloud}:last`;
export const runsKey = 'hopscotch:runs';
export const activeRunsKey = 'hopscotch:active';

export function cloudLocked(cloud: string, json: string): OperatorError {
  const lock = CloudLock.parse(JSON.parse(json));
  return new OperatorError(
    `${cloud} is held by run ${lock.run} (${lock.why}), which ${lock.by} started at ${lock.at}`,
    {
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock.run}`,
      name: 'CloudLocked',
      people: [lock.by],
    },
  );
}
