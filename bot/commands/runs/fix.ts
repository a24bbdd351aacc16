import type { Subcommand } from '../intent.ts';
import type { ActIntent } from './run-action.ts';

export const fixSubcommand: Subcommand<ActIntent> = {
  word: 'fix',
  formerly: 'way',
  takes: 'RUN NUMBER',
  about: 'use a known fix of a failure, by its number on the card',
  more: 'After a step has failed again, its number takes the name of the failure before it, such as disk-full.1. Nothing runs yet: the approvers are shown every command and asked first. Reject drops the fix again. A rollback undoes what it changes, like everything else.',
  example: 'fix 7f3a12 1',
  words: [2, 2],
  intent: ([run = '', choice = '']) => ({ do: 'act', run, action: { name: 'fix', choice } }),
};
