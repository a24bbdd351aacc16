import type { Subcommand } from '../intent.ts';

interface AskIntent {
  readonly do: 'ask';
  readonly run: string;
}

export const askSubcommand: Subcommand<AskIntent> = {
  word: 'ask',
  takes: 'RUN',
  about: 'ask a host that went silent again, right away',
  more: 'It changes nothing, and nothing is run a second time.',
  example: 'ask 7f3a12',
  words: [1, 1],
  intent: ([run = '']) => ({ do: 'ask', run }),
};
