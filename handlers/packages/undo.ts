import { aptGetLine, changePackagesCommand } from './apt-get.ts';
import { command, type Command } from '../contract/command.ts';
import type { PackageState } from './state.ts';
import { removeNewShell } from './scripts/embedded.ts';

/** Commands that bring every package back to the version, hold and mark that it had. */
export function undoPackages(before: PackageState, now: PackageState): readonly Command[] {
  const back = Object.keys(before.installed).filter((name) => isChanged(name, before, now));
  return [
    ...changePackagesCommand(aptLines(back, before, now)),
    ...(back.length > 0 ? [removeObsolete(before)] : []),
    ...mark('auto', back.concat(now.manual).filter(isDependency(before))),
    ...mark('manual', without(before.manual, [...now.manual, ...back])),
    // A package loses its hold when apt changes it.
    ...mark(
      'hold',
      before.holds.filter((name) => back.includes(name) || !now.holds.includes(name)),
    ),
    ...mark('unhold', without(now.holds, before.holds)),
  ];
}

const removeObsolete = ({ obsolete = [] }: PackageState): Command =>
  command(['sh', '-c', removeNewShell, 'sh', obsolete.join('\n'), ...aptGetLine]);

// dpkg leaves what only the other version had. Changed files stay: whoever wrote them takes them back. A file that dpkg
// still knows and misses would stay away at the next upgrade too, as if somebody had removed it: hence the reinstallation.
const isChanged = (name: string, before: PackageState, now: PackageState): boolean =>
  before.installed[name] !== now.installed[name] ||
  (name in now.unfinished && !(name in before.unfinished));

const without = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name));

const isDependency =
  ({ installed, manual }: PackageState) =>
  (name: string): boolean =>
    name in installed && !manual.includes(name);

function aptLines(
  back: readonly string[],
  before: PackageState,
  now: PackageState,
): (readonly string[])[] {
  const pins = back.map((name) => `${name}=${before.installed[name]}`);
  const known = [...Object.keys(before.installed), ...Object.keys(before.unfinished)];
  const added = without(Object.keys({ ...now.installed, ...now.unfinished }), known);
  const left = without(now.configFiles, [...known, ...before.configFiles]);
  const purged = [...without(added, before.configFiles), ...left];
  const removed = added.filter((name) => before.configFiles.includes(name));
  const words = [...pins, ...[...purged, ...removed].map((name) => `${name}-`)];
  if (words.length === 0) return [];
  const install = ['install', '--allow-downgrades', '--allow-change-held-packages'];
  // apt-get purges all that a line removes or none of it.
  if (removed.length === 0)
    return [[...install, ...(purged.length > 0 ? ['--purge'] : []), ...words]];
  return [[...install, ...words], ...(purged.length > 0 ? [['purge', ...purged]] : [])];
}

const mark = (way: 'auto' | 'manual' | 'hold' | 'unhold', names: readonly string[]): Command[] =>
  names.length === 0 ? [] : [command(['apt-mark', way, ...new Set(names)])];
