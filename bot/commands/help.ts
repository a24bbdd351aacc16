import type { Subcommand } from './intent.ts';

export const helpSubcommand: Subcommand = {
  word: 'help',
  takes: '[WORD]',
  about: 'what you can type, or what one word does',
  example: 'help rollback',
  words: [0, 1],
  intent: ([topic]) => ({ do: 'help', ...(topic === undefined ? {} : { topic }) }),
};
