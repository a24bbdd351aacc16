import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Of a file of a release: what also those ask for who know nothing of OpenStack. */
const Release = z.object({
  name: z.string(),
  release: z.string().default(''),
  released: z.string(),
  versions: z
    .object({ projects: z.record(z.string(), z.tuple([z.string(), z.string()])) })
    .default({ projects: {} }),
});

/** TypeScript with the names, numbers and versions of all releases, as their files say. */
export async function releasesFile(root: string): Promise<string> {
  const data = join(root, 'openstack/knowledge/data');
  const files = await readdir(join(data, 'releases'));
  const all = await Promise.all(
    files.map(async (file) =>
      Release.parse(parse(await readFile(join(data, 'releases', file), 'utf8'))),
    ),
  );
  const releases = all.toSorted((a, b) => a.released.localeCompare(b.released));
  const services = (await readdir(join(data, 'services'))).map((file) => file.replace('.yaml', ''));
  const versions = services.toSorted().flatMap((service) => {
    const own = releases.flatMap(({ name, versions: { projects } }) => {
      const range = projects[service];
      return range === undefined ? [] : [`${name}: ${JSON.stringify(range)}`];
    });
    return own.length === 0 ? [] : [`  ${service}: { ${own.join(', ')} },`];
  });
  return [
    '// Made by `npm run embed` from openstack/knowledge/data/releases: change those.',
    '',
    '/** Every OpenStack release, oldest first. */',
    'export const knownReleaseNames = [',
    ...releases.map(({ name }) => `  '${name}',`),
    '] as const;',
    '',
    '/** The numbers of those that have one, such as 2024.1: upstream has them from Antelope on. */',
    'export const releaseNumbers: Readonly<Record<string, string>> = {',
    ...releases.flatMap(({ name, release }) =>
      release === '' ? [] : [`  ${name}: '${release}',`],
    ),
    '};',
    '',
    '/** By service and release: the first and the last version. */',
    'export const serviceVersions: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>> = {',
    ...versions,
    '};',
    '',
  ].join('\n');
}
