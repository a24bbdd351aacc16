import { z } from 'zod';

/** The words of one command line: a program, then its arguments. No argument list can carry a NUL character. */
export const CommandWords = z
  .array(z.string().refine((word) => !word.includes('\0'), 'a word cannot hold a NUL character'))
  .min(1, 'needs at least one word: the program to run')
  .refine(
    ([program]) => program !== '',
    'the first word is the program to run: it cannot be empty',
  );

/** A login name, as `useradd` takes it. */
export const UserName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'expected a user name such as "glance"');

/** Exit codes that are an answer and not a failure. */
export const OkExits = z.array(z.int().min(0).max(255)).min(1);

/** For a read-only command whose every exit code is an answer. */
export const anyExit: readonly number[] = Array.from({ length: 256 }, (_, exit) => exit);

/** One remote command line. The words reach the host exactly as they are; `toShell` alone quotes them. */
export const Command = z.strictObject({
  words: z.array(z.string()).min(1),
  /** Fed to standard input, as UTF-8. Without it the command reads from /dev/null. */
  stdin: z.string().optional(),
  /** Its standard input holds secrets: people see only its size and fingerprint. */
  secret: z.boolean().optional(),
  /** The user it runs as. Unset: root where the cloud allows `become`, else the login user. */
  as: z.string().optional(),
  /** Exit codes that are an answer and not a failure. Unset: only 0. */
  okExits: z.array(z.int().min(0).max(255)).optional(),
});
export type Command = z.infer<typeof Command>;

/** What one command answered. `stdout` and `stderr` are decoded as UTF-8. */
export interface CommandOutput {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const command = (words: readonly string[], rest: Omit<Command, 'words'> = {}): Command => ({
  words: [...words],
  ...rest,
});

/** What people call a command line: its words without paths and options, such as `nova-manage db sync`. */
export const commandName = (words: readonly string[]): string =>
  words.filter((word) => !/^(\/|-)/.test(word)).join(' ');

/**
 * Renders words as one POSIX shell line that runs exactly those words. Throws a RangeError for a word with a NUL
 * character, which no argument list can carry.
 */
export function toShell(words: readonly string[]): string {
  return words.map((word, index) => (isBare(word, index) ? word : quote(word))).join(' ');
}

// A leading `=`-word or `~` could be expanded by some shells, so only these characters go bare. As the first word, `A=b`
// would be an assignment and `time` or `if` grammar: quoted, they name a program.
function isBare(word: string, index: number): boolean {
  return index === 0
    ? /^[A-Za-z0-9_@+:,./-]+$/.test(word) && !reserved.has(word)
    : /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word);
}

// POSIX 2.4 and the further ones of bash; those with other than letters are quoted anyway.
const reserved = new Set(
  'if then else elif fi do done case esac while until for in select function time coproc'.split(
    ' ',
  ),
);

function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError(`a word cannot hold a NUL character: ${word}`);
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
