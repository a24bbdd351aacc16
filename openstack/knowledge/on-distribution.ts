import type { Distributions } from './distribution-schema.ts';
import type { KnownService, ServiceInRelease } from './service-schema.ts';

type Release = Distributions['distributions'][string];

/** A service as a distribution packages it: its own names for packages, units and log, and its own questions. */
export const serviceOnDistribution = (
  service: KnownService,
  { distribution }: Pick<Release, 'distribution'>,
): KnownService => ({
  ...service,
  series: mapped(service, (made) => madeOn(made, distribution)),
});

/** Only the releases that a release of a distribution can have; all of them when nothing is known of it. */
export const releasesOnDistribution = (
  service: KnownService,
  release: Pick<Release, 'own' | 'archive'> | undefined,
): KnownService => ({
  ...service,
  series: mapped(service, (made, name) =>
    release === undefined || [release.own, ...release.archive].some((one) => one === name)
      ? made
      : undefined,
  ),
});

const mapped = (
  { series }: KnownService,
  change: (made: ServiceInRelease, name: string) => ServiceInRelease | undefined,
): KnownService['series'] =>
  Object.fromEntries(
    Object.entries(series).flatMap(([name, made]) => {
      const changed = change(made, name);
      return changed === undefined ? [] : [[name, changed]];
    }),
  );

function madeOn(made: ServiceInRelease, distribution: Release['distribution']): ServiceInRelease {
  const { debian, debconf, log, parts, ...rest } = made;
  const isDebian = distribution === 'debian';
  const path = isDebian && debian !== undefined ? debian.log : log;
  return {
    ...rest,
    parts: Object.fromEntries(
      Object.entries(parts).map(([name, { debian: names, ...part }]) => [
        name,
        isDebian ? { ...part, ...names } : part,
      ]),
    ),
    ...(path && { log: path }),
    ...(isDebian && debconf && { debconf }),
  };
}
