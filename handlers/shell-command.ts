import { z } from 'zod';
import { command } from './command.ts';
import { defineHandler } from './handler.ts';

const words = z.array(z.string()).min(1);

/**
 * Runs one command line. `unless` is a read-only command whose exit 0 means that the work is already done. `undo` lists
 * the command lines that put things back; an empty list says that nothing needs putting back, and without it the step is
 * one-way.
 */
export const shellCommand = defineHandler({
  kind: 'command',
  params: z.strictObject({
    run: words,
    stdin: z.string().optional(),
    user: z.string().optional(),
    okExits: z.array(z.int().min(0).max(255)).optional(),
    unless: words.optional(),
    undo: z.array(words).optional(),
  }),
  before: z.strictObject({ done: z.boolean().nullable() }),
  timeoutMs: 10 * 60_000,
  exit: ({ undo }) => (undo === undefined ? 'oneWay' : 'reversible'),
  probe: ({ unless, user }) =>
    unless === undefined ? [] : [command(unless, { ...as(user), okExits: anyExit })],
  parse: ([answer]) => ({ done: answer === undefined ? null : answer.exit === 0 }),
  isDone: (_params, { done }) => done ?? undefined,
  apply: ({ run, stdin, user, okExits }) => [
    command(run, {
      ...as(user),
      ...(stdin === undefined ? {} : { stdin }),
      ...(okExits === undefined ? {} : { okExits }),
    }),
  ],
  undo: ({ undo = [], user }) => undo.map((line) => command(line, as(user))),
  // The state it leaves is known to its author only: what `undo` ran and its exit codes are the proof.
  isRestored: () => true,
  changes: () => '',
});

const anyExit = Array.from({ length: 256 }, (_, exit) => exit);

const as = (user: string | undefined): { as?: string } => (user === undefined ? {} : { as: user });
