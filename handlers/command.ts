import { z } from 'zod';

/** One remote command line. The words reach the host exactly as they are; `toShell` alone quotes them. */
export const Command = z.strictObject({
  words: z.array(z.string()).min(1),
  /** Fed to standard input, as UTF-8. Without it the command reads from /dev/null. */
  stdin: z.string().optional(),
  /** The user it runs as. Unset: root where the cloud allows `become`, else the login user. */
  as: z.string().optional(),
  /** Exit codes that are an answer and not a failure. Unset: only 0. */
  okExits: z.array(z.int().min(0).max(255)).optional(),
});
export type Command = z.infer<typeof Command>;

/** What one command answered. `stdout` and `stderr` are decoded as UTF-8. */
export interface Output {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const command = (words: readonly string[], rest: Omit<Command, 'words'> = {}): Command => ({
  words: [...words],
  ...rest,
});

/**
 * Renders words as one POSIX shell line that runs exactly those words. Throws a RangeError for a word with a NUL
 * character, which no argument list can carry.
 */
export function toShell(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError(`a word cannot hold a NUL character: ${word}`);
  // A leading `=`-word or `~` could be expanded by some shells, so only these characters go bare.
  return /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}
