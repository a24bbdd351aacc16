import { runActionSubcommand } from './run-action.ts';

export const retrySubcommand = runActionSubcommand('retry', {
  about: 'run the step that did not work again, where it did not work',
});
