import type { Subcommand } from '../intent.ts';

interface HealIntent {
  readonly do: 'heal';
  readonly cloud: string;
  readonly database?: string;
}

export const healSubcommand: Subcommand<HealIntent> = {
  word: 'heal',
  takes: 'CLOUD [DATABASE]',
  about: 'finish an interrupted schema migration',
  more: 'It inspects the hosts first. Without DATABASE: the only one whose migration was interrupted. Nothing changes yet: the approvers are shown every command before the first one runs.',
  example: 'heal staging nova',
  words: [1, 2],
  intent: ([cloud = '', database]) => ({
    do: 'heal',
    cloud,
    ...(database === undefined ? {} : { database }),
  }),
};
