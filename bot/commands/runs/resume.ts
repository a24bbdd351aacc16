import { runActionSubcommand } from './run-action.ts';

export const resumeSubcommand = runActionSubcommand('resume', { about: 'go on with a paused run' });
