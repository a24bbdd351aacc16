import type { z } from 'zod';
import type { Distributions, DistributionsFile } from './distribution-schema.ts';
import type { Knowledge } from './knowledge.ts';
import type { ReleaseFile, ServiceChange } from './release-file.ts';
import { KnownRelease, type ReleaseName } from './releases.ts';
import type { FloorsFile, VersionFloors } from './rule-schemas.ts';
import type { KnownService, ServiceFile, ServiceInRelease } from './service-schema.ts';

type Files = readonly ReleaseFile[];

/** The header of each release, oldest first. */
export const seriesFrom = (files: Files): KnownRelease[] =>
  files.map((file) =>
    KnownRelease.parse(
      Object.fromEntries(Object.keys(KnownRelease.shape).flatMap((key) => entryOf(file, key))),
    ),
  );

const entryOf = (file: object, wanted: string): [string, unknown][] =>
  Object.entries(file).filter(([key]) => key === wanted);

/** Services with what each release makes of them. */
export const servicesFrom = (
  services: readonly z.infer<typeof ServiceFile>[],
  files: Files,
): Record<string, KnownService> =>
  Object.fromEntries(
    services.map((service) => {
      const series = byRelease(files, (file) => serviceIn(files, file, service.name));
      return [service.name, { ...service, series }];
    }),
  );

/** Undefined where the release has it not, or not whole, which loading refuses: `releaseProblems`. */
function serviceIn(files: Files, file: ReleaseFile, name: string): ServiceInRelease | undefined {
  const made = saidOf(files, file, name);
  return made !== undefined && isWhole(made) ? made : undefined;
}

/** What a release says of a service, on top of what the release before it has of it. */
function saidOf(files: Files, file: ReleaseFile, name: string): ServiceChange | undefined {
  const own = file.services[name];
  if (own === undefined) return undefined;
  const { unverified: _itsOwn, ...before } = saidBefore(files, file, name) ?? {};
  return { ...before, ...own };
}

function saidBefore(files: Files, file: ReleaseFile, name: string): ServiceChange | undefined {
  // Only of those before it, so that two files that name each other end somewhere.
  const before = files.slice(0, files.indexOf(file)).find((one) => one.name === file.since);
  return before && (saidOf(files, before, name) ?? saidBefore(files, before, name));
}

const needed = ['parts', 'config', 'sync', 'checks'] as const;

const isWhole = (made: ServiceChange): made is ServiceInRelease =>
  needed.every((key) => made[key] !== undefined);

/** What `since` leaves unsaid of services, and files that lead nowhere. */
export function releaseProblems({ services }: Pick<Knowledge, 'services'>, files: Files): string[] {
  return files.flatMap((file) => {
    const { name, since, services: own, schemas } = file;
    return [
      ...(since !== undefined &&
      files.findIndex((one) => one.name === since) >= placeOf(files, name)
        ? [`releases/${name}.yaml: since: ${since} does not come before it`]
        : []),
      ...Object.keys(own).flatMap((service) => {
        if (services[service] === undefined)
          return [`releases/${name}.yaml: there is no services/${service}.yaml`];
        const made = saidOf(files, file, service);
        return needed
          .filter((key) => made?.[key] === undefined)
          .map((key) => `releases/${name}.yaml: ${service}: ${key} is missing, and since has none`);
      }),
      ...Object.keys(schemas)
        .filter((database) => ownerOf(services, database) === undefined)
        .map((database) => `releases/${name}.yaml: schemas: ${database} is no service's database`),
    ];
  });
}

const placeOf = (files: Files, name: ReleaseName): number =>
  files.findIndex((one) => one.name === name);

const ownerOf = (services: Knowledge['services'], database: string): string | undefined =>
  Object.values(services).find(({ databases }) => databases.includes(database))?.name;

export const headsFrom = (services: Knowledge['services'], files: Files): Knowledge['heads'] =>
  Object.fromEntries(
    keysOf(files, ({ schemas }) => schemas).map((database) => [
      database,
      {
        service: ownerOf(services, database) ?? '',
        heads: byRelease(files, ({ schemas }) => schemas[database]),
      },
    ]),
  );

export const versionsFrom = (files: Files): Knowledge['versions'] =>
  Object.fromEntries(
    keysOf(files, ({ versions }) => versions?.projects ?? {}).map((project) => [
      project,
      byRelease(files, ({ versions }) => versions?.projects[project]),
    ]),
  );

export const distributionsFrom = (
  { distributions, ...rest }: z.infer<typeof DistributionsFile>,
  files: Files,
): Distributions => ({
  ...rest,
  distributions: Object.fromEntries(
    Object.entries(distributions).map(([codename, known]) => [
      codename,
      {
        ...known,
        archive: files
          .filter(({ archives }) => archives.includes(codename))
          .map(({ name }) => name),
      },
    ]),
  ),
});

export const floorsFrom = (
  { compute }: z.infer<typeof FloorsFile>,
  files: Files,
): VersionFloors => ({
  compute: {
    ...compute,
    versions: byRelease(files, (file) => file.compute.version),
    floors: byRelease(files, (file) => file.compute.floor),
  },
  virt: byRelease(files, (file) => file.compute.virt),
  python: byRelease(files, ({ python }) => python),
});

export const optionsFrom = (files: Files): Knowledge['options'] =>
  files.flatMap(({ name, options }) =>
    options.map(({ service, file, section, option, change, ...rest }) => ({
      service,
      file,
      section,
      option,
      change,
      since: name,
      ...rest,
    })),
  );

function byRelease<T>(
  files: Files,
  value: (file: ReleaseFile) => T | undefined,
): Partial<Record<ReleaseName, T>> {
  const found: Partial<Record<ReleaseName, T>> = {};
  for (const file of files) {
    const one = value(file);
    if (one !== undefined) found[file.name] = one;
  }
  return found;
}

const keysOf = (files: Files, part: (file: ReleaseFile) => object): string[] =>
  [...new Set(files.flatMap((file) => Object.keys(part(file))))].toSorted();
