import { onRun } from './on-run.ts';

export const pause = onRun('pause', {
  about: 'start nothing new; what runs now runs to its end',
});
