import type { Subcommand } from '../intent.ts';

interface RunbookIntent {
  readonly do: 'run';
  readonly cloud: string;
  readonly runbook: string;
}

export const runSubcommand: Subcommand<RunbookIntent> = {
  word: 'run',
  takes: 'CLOUD RUNBOOK',
  about: 'start a runbook on a cloud',
  more: 'Nothing changes yet: the hosts are checked, and the approvers are shown every command before the first one runs.',
  example: 'run staging restart-nova',
  words: [2, 2],
  intent: ([cloud = '', runbook = '']) => ({ do: 'run', cloud, runbook }),
};
