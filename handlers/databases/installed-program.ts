import { capital } from '../words/letters.ts';
import { z } from 'zod';
import { knownReleaseNames, serviceVersions } from '../words/known-releases.ts';
import { releaseOfVersion } from '../packages/release-of-version.ts';

/** The program of a step as it is on the host. Empty where there is none, or it does not tell its version. */
export const InstalledProgram = z.strictObject({
  path: z.string(),
  package: z.string(),
  version: z.string(),
});
export type InstalledProgram = z.infer<typeof InstalledProgram>;

/** The services whose versions tell their release. */
export const servicesWithRelease: readonly string[] = Object.keys(serviceVersions);

/** `2:12.0.6-0ubuntu1~cloud0` of nova is liberty; undefined for a version that no known release has. */
export const releaseOfProgram = (service: string, version: string): string | undefined =>
  releaseOfVersion(version, serviceVersions[service] ?? {}, knownReleaseNames);

/** "nova-manage of nova-common 1:2015.1.4 (Kilo)", for people. */
export function programText(program: InstalledProgram, service: string, name: string): string {
  const { path, package: from, version } = program;
  if (path === '') return `there is no program ${name}`;
  const series = releaseOfProgram(service, version);
  const of = [from, version || 'unknown version'].filter((word) => word !== '').join(' ');
  return `${path} of ${of}${series === undefined ? '' : ` (${capital(series)})`}`;
}
