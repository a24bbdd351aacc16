import type { Subcommand } from '../intent.ts';

interface InspectIntent {
  readonly do: 'inspect';
  readonly cloud: string;
}

export const inspectSubcommand: Subcommand<InspectIntent> = {
  word: 'inspect',
  takes: 'CLOUD',
  about: 'inspect a cloud and say what is there',
  more: 'It changes nothing. It reports releases, services, databases and their schemas, rows that a later sync refuses, disk, load balancer.',
  example: 'inspect staging',
  words: [1, 1],
  intent: ([cloud = '']) => ({ do: 'inspect', cloud }),
};
