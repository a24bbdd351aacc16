import { runActionWithTextSubcommand } from './run-action.ts';

export const doneSubcommand = runActionWithTextSubcommand('done', {
  text: 'EVIDENCE',
  about: 'say that you did the step a run waits for',
  more: 'Paste the evidence: a line of a log, the answer of a command. It stays in the log of the run.',
  example: 'HAProxy shows 0 sessions on ctl1',
});
