import { releaseNames, releaseNameTitle } from '../../../knowledge/releases.ts';
import type { Finding } from '../../finding.ts';
import type { UnnamedProject } from '../../inspection.ts';
import type { InspectionSubject } from '../../subject.ts';
import type { CheckContext, InspectionCheck } from '../check.ts';

/** What of OpenStack is installed beside the services that the cloud file names; its packages are asked for elsewhere. */
export const unnamedProjectsCheck: InspectionCheck = {
  id: 'unnamed-projects',
  ask: () => [],
  read: (_said, context) => {
    const unnamed = unnamedProjects(context);
    return { found: { unnamed }, findings: unnamed.flatMap((one) => movedAlong(context, one)) };
  },
};

/** Libraries alone do not count. */
function unnamedProjects({ knowledge, services, found }: CheckContext): UnnamedProject[] {
  const beside = Object.entries(found.packages ?? {}).flatMap(([host, { releases }]) =>
    releases
      .filter(({ project }) => services.openstack[project] === undefined)
      .filter(({ packages }) => packages.some(({ name }) => !isLibrary(name)))
      .map((one) => ({ host, ...one })),
  );
  return [...new Set(beside.map(({ project }) => project))].toSorted().map((project) => {
    const own = beside.filter((one) => one.project === project);
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
function movedAlong(
  { cloud, knowledge }: InspectionSubject,
  { project, title, hosts, series }: UnnamedProject,
): Finding[] {
  const releases = series.length === 0 ? '' : ` (${series.map(releaseNameTitle).join(', ')})`;
  const further = knowledge.projects[project];
  const what = `has ${title}${further === undefined ? '' : `, ${further.does}`}${releases}, which the cloud file does not name`;
  const hint =
    further === undefined
      ? `Name it under services.openstack in ${cloud.name}.yaml, or a plan leaves it out while its host's packages move.`
      : `No plan upgrades it: where its host is upgraded whole, a person is asked to stop it before${further.sync === undefined ? '' : ` and to run ${further.sync} after`}.${further.note === undefined ? '' : ` ${further.note}`}`;
  return hosts.map((host): Finding => ({ level: 'warn', host, what, hint }));
}
