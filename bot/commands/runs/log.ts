import type { Subcommand } from '../intent.ts';

interface LogIntent {
  readonly do: 'log';
  readonly run: string;
  readonly step: string;
  readonly host?: string;
  /** All of it, as a file. */
  readonly isWhole?: true;
}

export const logSubcommand: Subcommand<LogIntent> = {
  word: 'log',
  takes: 'RUN STEP [HOST] [whole]',
  about: 'what a step printed',
  more: 'STEP is its number on the card, or its id. Without HOST: of the first host of the step. A long one is shown with its beginning and its end; with `whole` all of it goes into the thread of the run, as a file.',
  example: 'log 7f3a12 db-sync ctl1',
  words: [2, 4],
  intent: ([run = '', step = '', ...rest]) => {
    const isWhole = rest.at(-1) === 'whole';
    const [host, more] = isWhole ? rest.slice(0, -1) : rest;
    if (more !== undefined)
      return { problem: `Behind HOST comes nothing but \`whole\`, not "${more}".` };
    return {
      do: 'log',
      run,
      step,
      ...(host !== undefined && { host }),
      ...(isWhole && { isWhole: true as const }),
    };
  },
};
