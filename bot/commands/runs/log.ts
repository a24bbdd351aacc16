import type { Subcommand } from '../intent.ts';

export const logSubcommand: Subcommand = {
  word: 'log',
  takes: 'RUN STEP [HOST]',
  about: 'what a step printed',
  more: 'STEP is its number on the card, or its id. Without HOST: of the first host of the step. The whole output stays on the host.',
  example: 'log 7f3a12 db-sync ctl1',
  words: [2, 3],
  intent: ([run = '', step = '', host]) => ({
    do: 'log',
    run,
    step,
    ...(host === undefined ? {} : { host }),
  }),
};
