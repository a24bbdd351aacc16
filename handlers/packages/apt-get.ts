import { command, type Command } from '../contract/command.ts';

const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y'];

/** What becomes of changed configuration files. */
export type ConffilePolicy = 'keep' | 'new';

const configuration = (conffiles: ConffilePolicy): string[] =>
  (conffiles === 'keep' ? ['confdef', 'confold'] : ['confnew']).flatMap((way) => [
    '-o',
    `Dpkg::Options::=--force-${way}`,
  ]);

// Somebody else's apt, such as unattended-upgrades, is given time to end.
const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];

/** Fetches the lists of packages. A list that cannot be fetched is a failure, not apt's usual warning. */
export const updateListsCommand = command([
  ...aptGet,
  '-o',
  'APT::Update::Error-Mode=any',
  'update',
]);

/** What every apt-get line begins with that changes packages: it asks nothing and keeps changed configuration files. */
export const aptGetLine: readonly string[] = lineWith('keep');

function lineWith(conffiles: ConffilePolicy): readonly string[] {
  return [...aptGet, ...configuration(conffiles), ...waitForLock];
}

/**
 * Makes dpkg take up the journal of a run that was killed, which apt-get refuses to work on; with nothing to read it changes
 * nothing, and exit 2 is a lock that apt-get then waits for.
 */
export const takeUpJournalCommand = command(['dpkg', '--set-selections'], { okExits: [0, 2] });

/** Changes packages without a question. */
export const changePackagesCommand = (
  lines: readonly (readonly string[])[],
  conffiles: ConffilePolicy = 'keep',
): readonly Command[] =>
  lines.length === 0
    ? []
    : [takeUpJournalCommand, ...lines.map((words) => command([...lineWith(conffiles), ...words]))];
