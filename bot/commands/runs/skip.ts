import { onRunWithText } from './on-run.ts';

export const skip = onRunWithText('skip', {
  text: 'REASON',
  about: 'go on without the step that did not work',
  more: 'The reason stays in the log of the run.',
  example: 'cmp3 is being replaced',
});
