import { runActionSubcommand } from './run-action.ts';

export const retrySubcommand = runActionSubcommand('retry', {
  about: 'run the failed step again on the hosts where it failed',
});
