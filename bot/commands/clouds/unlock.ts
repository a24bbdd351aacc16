import type { Subcommand } from '../intent.ts';

interface UnlockIntent {
  readonly do: 'unlock';
  readonly cloud: string;
  readonly reason: string;
}

export const unlockSubcommand: Subcommand<UnlockIntent> = {
  word: 'unlock',
  takes: 'CLOUD REASON',
  about: 'free a cloud whose run has a broken log',
  more: 'For approvers; where there are two, two of them have to type it within an hour. It says what may still run on the hosts, and ends none of it. A run whose log is whole is left with abort.',
  example: 'unlock staging the disk of its Redis was replaced',
  words: [1, 1],
  text: 'REASON',
  intent: ([cloud = ''], reason) => ({ do: 'unlock', cloud, reason }),
};
