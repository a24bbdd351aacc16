import type { Subcommand } from '../intent.ts';

export const runSubcommand: Subcommand = {
  word: 'run',
  takes: 'CLOUD RUNBOOK',
  about: 'start a runbook on a cloud',
  more: 'Nothing changes yet: the hosts are checked, and the approvers are shown every command before the first one runs.',
  example: 'run staging restart-nova',
  words: [2, 2],
  intent: ([cloud = '', runbook = '']) => ({ do: 'run', cloud, runbook }),
};
