import { z } from 'zod';
import { anyExit, command, OkExits, UserName, CommandWords } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { deedOn, commandLineText } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';

/**
 * Runs one command line. `unless` is a read-only command whose exit 0 means that the work is already done. `undo` lists
 * the command lines that put things back; an empty list says that nothing needs putting back, and without it the step is
 * one-way.
 */
export const shellCommandHandler = defineHandler({
  kind: 'command',
  params: z.strictObject({
    run: CommandWords.describe(
      'The command line, a word an entry. No shell reads it: for one, say [sh, -c, "..."].',
    ),
    stdin: z
      .string()
      .optional()
      .describe('Text for its standard input. Without it, there is none.'),
    user: UserName.optional().describe(
      'The user it runs as. Default: root where the cloud allows it.',
    ),
    okExits: OkExits.optional().describe('Exit codes that mean success. Default: [0].'),
    unless: CommandWords.optional().describe(
      'A read-only command line: exit 0 means that the work is already done, and after the step it must say so.',
    ),
    undo: z
      .array(CommandWords)
      .optional()
      .describe(
        'The command lines that put things back, in order; [] when nothing needs putting back. Without it the step is one-way.',
      ),
  }),
  before: z.strictObject({ done: z.boolean().nullable() }),
  timeoutMs: 10 * 60_000,
  reversibility: ({ undo }) => (undo === undefined ? 'oneWay' : 'reversible'),
  probe: ({ unless, user }) =>
    unless === undefined ? [] : [command(unless, { ...as(user), okExits: [...anyExit] })],
  parse: ([answer], { unless }) => {
    if (answer === undefined) return { done: null };
    // What a shell says for "cannot be executed" and "not found": no answer to the question.
    if (answer.exit === 126 || answer.exit === 127) throw notRun(unless ?? [], answer.stderr);
    return { done: answer.exit === 0 };
  },
  isDone: (_params, { done }) => done ?? undefined,
  apply: ({ run, stdin, user, okExits }) => [
    command(run, {
      ...as(user),
      ...(stdin === undefined ? {} : { stdin }),
      ...(okExits === undefined ? {} : { okExits }),
    }),
  ],
  undo: ({ undo = [], user }, before) =>
    before.done === true ? [] : undo.map((line) => command(line, as(user))),
  // Without `unless` the state is known to its author only: what `undo` ran and its exit codes are the proof.
  isRestored: ({ undo = [] }, before, now) => undo.length === 0 || before.done === now.done,
  does: ({ run }) => deedOn(`run ${commandLineText(run)}`, 'run', [commandLineText(run)]),
  changes: () => '',
});

const as = (user: string | undefined): { as?: string } => (user === undefined ? {} : { as: user });

function notRun(words: readonly string[], stderr: string): OperatorError {
  const said = stderr.trim() || 'the shell found no such program';
  return new OperatorError(`asking whether the work is already done: ${words.join(' ')}: ${said}`, {
    name: 'UnlessNotRun',
    hint: 'Correct the program under `unless`, or install it in an earlier step.',
  });
}
