import { type ReleaseName, releaseNames } from '../../../knowledge/releases.ts';
import type { InstalledRelease, Inspection } from '../../inspection.ts';
import { readInstalledReleases, readUnfinishedPackages } from '../../installed-releases.ts';
import { listPackagesCommand } from '../../commands.ts';
import type { InspectionSubject } from '../../subject.ts';
import type { InspectionCheck } from '../check.ts';

/** What of OpenStack is installed where, and so of which release each service is. */
export const packagesCheck: InspectionCheck = {
  id: 'packages',
  isFirst: true,
  ask: ({ cloud }) =>
    Object.keys(cloud.hosts).map((host) => ({
      host,
      called: 'the packages',
      commands: [listPackagesCommand],
    })),
  read: (said, context) => {
    const packages = Object.fromEntries(
      said.map(({ host, outputs: [out] }) => {
        const list = out?.stdout ?? '';
        return [
          host,
          {
            releases: readInstalledReleases(list, context.knowledge),
            unfinished: readUnfinishedPackages(list, context.knowledge),
          },
        ];
      }),
    );
    const releases = Object.values(packages).flatMap((one) => one.releases);
    return { found: { packages, series: releasesByService(context, releases) } };
  },
};

/** By the packages of the service's own project; clients and libraries move for themselves. */
function releasesByService(
  { chosen }: InspectionSubject,
  releases: readonly InstalledRelease[],
): Inspection['series'] {
  return Object.fromEntries(
    chosen.map(({ known }): [string, ReleaseName[]] => {
      const found = releases.flatMap(({ project, series }) =>
        project === known.name && series !== undefined ? [series] : [],
      );
      return [known.name, releaseNames.filter((series) => found.includes(series))];
    }),
  );
}
