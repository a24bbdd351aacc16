import type { Subcommand } from './intent.ts';

interface HelpIntent {
  readonly do: 'help';
  readonly topic?: string;
}

export const helpSubcommand: Subcommand<HelpIntent> = {
  word: 'help',
  takes: '[WORD]',
  about: 'what you can type, or what one word does',
  example: 'help rollback',
  words: [0, 1],
  intent: ([topic]) => ({ do: 'help', ...(topic === undefined ? {} : { topic }) }),
};
