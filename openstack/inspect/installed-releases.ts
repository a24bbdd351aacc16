import type { InstalledPackages, InstalledRelease } from './inspection.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { type ReleaseName, releaseNames } from '../knowledge/releases.ts';
import { releaseOfVersion } from '../../handlers/packages/release-of-version.ts';

type Known = Pick<Knowledge, 'versions' | 'services' | 'projects' | 'packages'>;

interface Row {
  readonly state: string;
  readonly name: string;
  readonly version: string;
  readonly project: string;
}

/** What of OpenStack's projects is installed, by the release that it is of. */
export function readInstalledReleases(list: string, known: Known): InstalledRelease[] {
  const groups = new Map<
    string,
    InstalledRelease & { packages: { name: string; version: string }[] }
  >();
  for (const { project, name, version } of rowsOf(list, known).filter(isInstalled)) {
    const series = releaseOfVersion(version, known.versions[project] ?? {}, releaseNames);
    const key = `${project} ${series ?? ''}`;
    const group = groups.get(key) ?? { project, ...(series && { series }), packages: [] };
    group.packages.push({ name, version });
    groups.set(key, group);
  }
  return [...groups.values()].toSorted(
    (a, b) => compare(a.project, b.project) || place(a.series) - place(b.series),
  );
}

export const readUnfinishedPackages = (
  list: string,
  known: Known,
): InstalledPackages['unfinished'] =>
  rowsOf(list, known)
    .filter(({ state }) => !/^.[icn]$/.test(state))
    .map(({ name, state }) => ({ name, state }));

// The second letter is the state: `n` and `c` are gone, at most with settings left (dpkg-query(1), "Status-Abbrev").
const isInstalled = ({ state }: Row): boolean => !/^.[cn]/.test(state);

function rowsOf(list: string, known: Known): Row[] {
  return list
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [state = '', name = '', version = '', source = ''] = line.split('\t');
      const project = projectOf(name, source, known);
      return project === undefined ? [] : [{ state: state.trim(), name, version, project }];
    });
}

/**
 * By its source; a package that was built by hand may not name one, and dpkg then says its own name. Others begin with a
 * service's name too (neutron-tempest-plugin, ironic-inspector, heat-cfntools), so names alone are looked up.
 */
function projectOf(name: string, source: string, known: Known): string | undefined {
  const { versions, services, projects, packages } = known;
  if ([versions, services, projects].some((one) => one[source] !== undefined)) return source;
  const other = Object.entries(projects).find(([, { sources }]) => sources?.includes(source));
  if (other !== undefined) return other[0];
  if (source !== '' && source !== name) return undefined;
  return Object.keys(packages).find((project) => packages[project]?.includes(name));
}

const place = (series: ReleaseName | undefined): number =>
  series === undefined ? releaseNames.length : releaseNames.indexOf(series);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
