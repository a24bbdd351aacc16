import { OperatorError } from '../../handlers/contract/errors.ts';
import { CloudFacts } from '../cloud/facts.ts';
import type { Inspection } from './inspection.ts';
import { type ReleaseName, releaseNameTitle } from '../knowledge/releases.ts';

/**
 * What a plan for these services, or for all, depends on. Throws `MixedReleases` where their packages are of several
 * series: no path begins there. Services that are of the target already, such as a keystone that went ahead, have no part in that.
 */
export function factsOf(
  inspection: Inspection,
  only?: readonly string[],
  target?: ReleaseName,
): CloudFacts {
  const { series, ahead } = seriesFor(inspection, only, target);
  const { codenames: _codenames, ...looked } = inspection.facts;
  const codename = codenameOf(inspection);
  return CloudFacts.parse({
    ...looked,
    ...(series && { series }),
    ahead,
    ...(codename !== undefined && { codename }),
    databases: Object.fromEntries(
      inspection.databases.flatMap(({ name, revision, rows }) => {
        const blocking = rows.find(({ blocksNext }) => blocksNext);
        return revision === undefined
          ? []
          : [[name, { revision, ...(blocking && { rowsBlocking: blocking.count }) }]];
      }),
    ),
    unnamed: Object.fromEntries(inspection.unnamed.map(({ project, hosts }) => [project, hosts])),
    installed: Object.fromEntries(
      Object.entries(inspection.hosts).map(([host, { releases }]) => [
        host,
        releases.flatMap(({ packages }) => packages.map(({ name }) => name)).toSorted(),
      ]),
    ),
    missingUnits: missingUnits(inspection),
    configFiles: inspection.configFiles,
  });
}

/** A host that has no unit of a service may just not have been upgraded to it yet, or is about to be set up. */
const missingUnits = ({ hosts }: Inspection): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(hosts).flatMap(([host, { units }]) => {
      const missing = units.filter(
        ({ service, isMissing }) =>
          isMissing === true &&
          units.some((other) => other.service === service && other.active !== 'absent'),
      );
      return missing.length === 0 ? [] : [[host, missing.map(({ name }) => name).toSorted()]];
    }),
  );

/** The release of the distribution on hosts with OpenStack; none while these are of several. */
function codenameOf({ hosts, facts: { codenames = {} } }: Inspection): string | undefined {
  const found = Object.entries(hosts)
    .filter(([, { releases }]) => releases.length > 0)
    .flatMap(([host]) => codenames[host] ?? []);
  const [first, ...others] = new Set(found);
  return others.length === 0 ? first : undefined;
}

function seriesFor(
  inspection: Inspection,
  only: readonly string[] | undefined,
  target: ReleaseName | undefined,
): { readonly series?: ReleaseName; readonly ahead: Record<string, ReleaseName> } {
  const services = Object.entries(inspection.series).filter(
    ([name]) => only === undefined || only.includes(name),
  );
  // Of a service whose packages tell nothing it is not known.
  const isAhead = (all: readonly ReleaseName[]): boolean =>
    all.length > 0 && all.every((one) => one === target);
  const behind = services.filter(([, all]) => !isAhead(all));
  const [first, ...others] = new Set<ReleaseName>(behind.flatMap(([, all]) => all));
  if (target !== undefined && behind.length === 0 && services.length > 0)
    return { series: target, ahead: {} };
  if (others.length === 0)
    return {
      ...(first && { series: first }),
      ahead: Object.fromEntries(
        services.flatMap(([name, all]) =>
          target !== undefined && isAhead(all) ? [[name, target]] : [],
        ),
      ),
    };
  const found = services.map(([name, all]) => `${name} ${all.map(releaseNameTitle).join(' and ')}`);
  throw new OperatorError(
    `planning an upgrade of cloud ${inspection.cloud}: its packages are of several releases: ${found.join(', ')}`,
    {
      name: 'MixedReleases',
      hint: `Bring them to one release first, or plan for the services of one release alone with "only". /upgrade inspect ${inspection.cloud} shows what is where.`,
    },
  );
}
