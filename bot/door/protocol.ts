import { z } from 'zod';

/** Lines of JSON over a socket of this machine. The door speaks first. */

/** What whoever comes has to write into a file of this path, to show which user it is. */
export const DoorChallenge = z.strictObject({ nonce: z.string(), proof: z.string() });
export type DoorChallenge = z.infer<typeof DoorChallenge>;

/** The file is written: the words that were typed. */
export const DoorRequest = z.strictObject({ words: z.array(z.string().max(4000)).max(500) });
export type DoorRequest = z.infer<typeof DoorRequest>;

export const DoorAnswer = z.union([
  z.strictObject({ say: z.string() }),
  /** The last one: the exit code. */
  z.strictObject({ exit: z.int().min(0).max(255) }),
]);
export type DoorAnswer = z.infer<typeof DoorAnswer>;

/** What an exit code says. */
export const doorExits = {
  done: 0,
  /** It was refused, or the run that was watched did not go well. */
  refused: 1,
  notUnderstood: 2,
  /** No Hopscotch answered. */
  noDoor: 3,
} as const;

/** The name of the door's socket in its folder. */
export const doorSocketName = 'door.sock';

/** The kernel takes at most 107 bytes for the path of a Unix socket. */
export const longestSocketPath = 100;
