import { upgradeSubcommand } from './upgrade-subcommand.ts';

export const startSubcommand = upgradeSubcommand('start', {
  about: 'upgrade a cloud to a release',
  more: 'It inspects the hosts again and makes a fresh plan. Nothing changes yet: the approvers are shown every command before the first one runs. A production cloud needs a rehearsal on a verification cloud: the same plan, run to its end and rolled back. Without one, end the line with: unrehearsed REASON.',
});
