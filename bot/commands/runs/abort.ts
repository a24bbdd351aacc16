import { runActionSubcommand } from './run-action.ts';

export const abortSubcommand = runActionSubcommand('abort', {
  about: 'end what runs now on the hosts, then end the run',
  more: 'Nothing is undone by it; afterwards the run can be rolled back.',
});
