import { runActionSubcommand } from './run-action.ts';

export const approveSubcommand = runActionSubcommand('approve', {
  about: 'say yes to what a run wants to do next',
  more: 'For approvers. Whoever started the run does not approve it. The approval message shows the commands.',
});
