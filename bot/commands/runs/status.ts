import type { Subcommand } from '../intent.ts';

interface StatusIntent {
  readonly do: 'status';
  readonly run?: string;
}

export const statusSubcommand: Subcommand<StatusIntent> = {
  word: 'status',
  takes: '[RUN]',
  about: 'the latest runs, or where one run stands',
  example: 'status 7f3a12',
  words: [0, 1],
  intent: ([run]) => ({ do: 'status', ...(run === undefined ? {} : { run }) }),
};
