import { upgradeSubcommand } from './upgrade-subcommand.ts';

export const planSubcommand = upgradeSubcommand('plan', {
  about: 'show what an upgrade to a release, or a runbook, would do',
  more: 'It inspects the hosts and changes nothing. RELEASE is a name or a number: caracal or 2024.1. Instead of a release it takes the name of a runbook. The reading goes to a thread in the channel of the cloud, with every command on every host in files.',
});
