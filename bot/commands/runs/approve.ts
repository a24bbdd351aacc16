import { onRun } from './on-run.ts';

export const approve = onRun('approve', {
  about: 'say yes to what a run wants to do next',
  more: 'For approvers. Whoever started the run does not approve it. The commands are in the approval message.',
});
