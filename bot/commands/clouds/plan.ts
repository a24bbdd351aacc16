import { upgradeSubcommand } from './upgrade-subcommand.ts';

export const planSubcommand = upgradeSubcommand('plan', {
  about: 'show the whole upgrade path to a release, every command on every host',
  more: 'It inspects the hosts and changes nothing. RELEASE is a name or a number: caracal or 2024.1. The plan goes to a thread in the channel of the cloud, also as files.',
});
