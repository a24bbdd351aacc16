import type { Finding } from './checks/check.ts';
import type { InstalledRelease, UnnamedProject } from './inspection.ts';
import { releaseNames, releaseNameTitle } from '../knowledge/releases.ts';
import type { InspectionSubject } from './subject.ts';

/** What of OpenStack is installed on hosts beside the services that the cloud file names; libraries alone do not count. */
export function unnamedProjects(
  { knowledge, services }: InspectionSubject,
  releases: Readonly<Record<string, readonly InstalledRelease[]>>,
): UnnamedProject[] {
  const found = Object.entries(releases).flatMap(([host, all]) =>
    all
      .filter(({ project }) => services.openstack[project] === undefined)
      .filter(({ packages }) => packages.some(({ name }) => !isLibrary(name)))
      .map((one) => ({ host, ...one })),
  );
  return [...new Set(found.map(({ project }) => project))].toSorted().map((project) => {
    const own = found.filter((one) => one.project === project);
    const title = (knowledge.services[project] ?? knowledge.projects[project])?.title ?? project;
    return {
      project,
      title,
      hosts: [...new Set(own.map(({ host }) => host))],
      series: releaseNames.filter((name) => own.some(({ series }) => series === name)),
    };
  });
}

const isLibrary = (name: string): boolean => /^python3?-|-(?:common|doc|dev)$/.test(name);

/** Whole hosts take these packages along, and nobody stops what they run or syncs their databases. */
export const unnamedFindings = (
  { cloud, knowledge }: InspectionSubject,
  unnamed: readonly UnnamedProject[],
): Finding[] =>
  unnamed.flatMap(({ project, title, hosts, series }) => {
    const releases = series.length === 0 ? '' : ` (${series.map(releaseNameTitle).join(', ')})`;
    const further = knowledge.projects[project];
    const what = `has ${title}${further === undefined ? '' : `, ${further.does}`}${releases}, which the cloud file does not name`;
    const hint =
      further === undefined
        ? `Name it under services.openstack in ${cloud.name}.yaml, or a plan leaves it out while its host's packages move.`
        : `No plan upgrades it: where its host is upgraded whole, a person is asked to stop it before${further.sync === undefined ? '' : ` and to run ${further.sync} after`}.${further.note === undefined ? '' : ` ${further.note}`}`;
    return hosts.map((host): Finding => ({ level: 'warn', host, what, hint }));
  });
