import { onRun } from './on-run.ts';

export const resume = onRun('resume', { about: 'go on with a paused run' });
