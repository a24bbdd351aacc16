import { runActionWithTextSubcommand } from './run-action.ts';

export const rejectSubcommand = runActionWithTextSubcommand('reject', {
  text: 'REASON',
  about: 'say no to what a run wants to do next',
  more: 'A run that has done nothing yet ends; a run that has is paused.',
  example: 'not during the audit',
});
