import { onRun } from './on-run.ts';

export const retry = onRun('retry', {
  about: 'run the step that did not work again, where it did not work',
});
