import { runActionWithTextSubcommand } from './run-action.ts';

export const skipSubcommand = runActionWithTextSubcommand('skip', {
  text: 'REASON',
  about: 'go on without the step that failed',
  more: 'The reason stays in the log of the run.',
  example: 'cmp3 is being replaced',
});
