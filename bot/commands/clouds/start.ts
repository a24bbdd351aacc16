import { upgradeSubcommand } from './upgrade-subcommand.ts';

export const startSubcommand = upgradeSubcommand('start', {
  about: 'upgrade a cloud to a series',
  more: 'It looks at the hosts again and plans afresh. Nothing changes yet: the approvers are shown every command before the first one runs. A production cloud needs a rehearsal on a verification cloud: the same plan to its end, and rolled back. Without one, end the line with: unrehearsed REASON.',
});
