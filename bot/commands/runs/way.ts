import type { Subcommand } from '../intent.ts';

export const fixSubcommand: Subcommand = {
  word: 'way',
  takes: 'RUN NUMBER',
  about: 'take a known way out of a failure, by its number on the card',
  more: 'Nothing runs yet: the approvers are shown every command and asked first. Reject leaves the way out again. What it changes is undone by a rollback like everything else.',
  example: 'way 7f3a12 1',
  words: [2, 2],
  intent: ([run = '', choice = '']) => ({ do: 'act', run, action: { name: 'way', choice } }),
};
