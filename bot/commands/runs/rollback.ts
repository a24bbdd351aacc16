import type { Subcommand } from '../intent.ts';

export const rollbackSubcommand: Subcommand = {
  word: 'rollback',
  takes: 'RUN [STEP]',
  about: 'undo what a run did, last step first',
  more: 'Without STEP: as far back as it goes. With it: back to just before that step, and the run stays paused there.',
  example: 'rollback 7f3a12 stop-nova',
  words: [1, 2],
  intent: ([run = '', step]) => ({
    do: 'act',
    run,
    action: { name: 'rollback', ...(step === undefined ? {} : { step }) },
  }),
};
