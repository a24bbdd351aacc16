import {
  readSourceFiles,
  sourceFilesProbe,
  sourcesOfFiles,
} from '../../../../handlers/packages/sources.ts';
import { command } from '../../../../handlers/contract/command.ts';
import { baseSources } from '../../base-sources.ts';
import { archiveSuites } from '../../../deployment/packages/archive.ts';
import type { InspectionCheck, CheckAnswer, CheckContext } from '../check.ts';
import type { Finding } from '../../finding.ts';

/** From which of OpenStack's archives a host takes packages, in whatever file and format it says so. */
export const archivesCheck: InspectionCheck = {
  id: 'archives',
  ask: ({ cloud, services: { packages } }) =>
    (packages === undefined ? [] : Object.keys(cloud.hosts)).map((host) => ({
      host,
      commands: [sourceFilesProbe, command(['env', 'LC_ALL=C', 'apt-cache', 'policy'])],
    })),
  read: (said, context) => ({
    findings: said.flatMap((one) => archives(one, context)),
    facts: {
      bases: Object.fromEntries(
        said.map(({ host, outputs: [out, policy] }) => [
          host,
          baseSources(
            sourcesOfFiles(readSourceFiles(out)),
            policy,
            context.services.packages?.codename ?? '',
          ),
        ]),
      ),
    },
  }),
};

function archives(
  { host, outputs: [out] }: CheckAnswer,
  { knowledge, series }: CheckContext,
): Finding[] {
  const known = Object.keys(knowledge.distributions.distributions).flatMap((codename) =>
    archiveSuites(knowledge, codename),
  );
  const named = sourcesOfFiles(readSourceFiles(out))
    .filter(({ isEnabled, isBinary }) => isEnabled && isBinary)
    .flatMap(({ file, suites }) =>
      suites.flatMap((suite) => {
        const archive = known.find((one) => one.suite === suite.replace(/\/+$/, ''));
        return archive === undefined ? [] : [{ file, ...archive }];
      }),
    );
  if (named.length === 0) return [];
  const isOther = named.some((one) => !series.includes(one.series));
  return [
    {
      level: isOther ? 'warn' : 'note',
      host,
      what: `takes OpenStack's packages from ${named.map(({ file, suite }) => `${suite} (${file})`).join(', ')}`,
      ...(isOther && {
        hint: 'An archive of another release than the one that is installed: the next upgrade of any package may bring that release.',
      }),
    },
  ];
}
