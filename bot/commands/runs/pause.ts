import { runActionSubcommand } from './run-action.ts';

export const pauseSubcommand = runActionSubcommand('pause', {
  about: 'start nothing new; what runs now runs to its end',
});
