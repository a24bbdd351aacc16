import { upgradeSubcommand } from './upgrade-subcommand.ts';

export const planSubcommand = upgradeSubcommand('plan', {
  about: 'show the whole road to a series, every command on every host',
  more: 'It looks at the hosts and changes nothing. The plan goes to the thread in the channel of the cloud, also as files.',
});
