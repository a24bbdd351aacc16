import type { Subcommand } from '../intent.ts';

export const healSubcommand: Subcommand = {
  word: 'heal',
  takes: 'CLOUD [DATABASE]',
  about: 'lead a schema that stopped between two releases forward',
  more: 'It looks at the hosts first. Without DATABASE: the only one that stopped so. Nothing changes yet: the approvers are shown every command before the first one runs.',
  example: 'heal staging nova',
  words: [1, 2],
  intent: ([cloud = '', database]) => ({
    do: 'heal',
    cloud,
    ...(database === undefined ? {} : { database }),
  }),
};
