import { onRunWithText } from './on-run.ts';

export const reject = onRunWithText('reject', {
  text: 'REASON',
  about: 'say no to what a run wants to do next',
  more: 'A run that has done nothing yet ends; a run that has is paused.',
  example: 'not during the audit',
});
