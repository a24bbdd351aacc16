import type { Subcommand } from '../intent.ts';

export const cloudsSubcommand: Subcommand<{ readonly do: 'clouds' }> = {
  word: 'clouds',
  takes: '',
  about: 'list your clouds and the runbooks',
  more: 'Of the clouds it lists those whose engineer or approver you are, with release and environment.',
  example: 'clouds',
  words: [0, 0],
  intent: () => ({ do: 'clouds' }),
};
