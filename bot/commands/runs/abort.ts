import { runActionSubcommand } from './run-action.ts';

export const abortSubcommand = runActionSubcommand('abort', {
  about: 'stop what runs now on the hosts, then end the run',
  more: 'It undoes nothing; you can roll the run back afterwards.',
});
