import type { Subcommand } from '../intent.ts';

export const askSubcommand: Subcommand = {
  word: 'ask',
  takes: 'RUN',
  about: 'look again at once at a host that went silent',
  more: 'It only looks: nothing is run a second time.',
  example: 'ask 7f3a12',
  words: [1, 1],
  intent: ([run = '']) => ({ do: 'ask', run }),
};
