import { z } from 'zod';
import { knownReleaseNames } from '../../handlers/words/known-releases.ts';
import { capital } from '../../handlers/words/letters.ts';

/** Every OpenStack release, oldest first: the order of the alphabet, and the order of the upgrade path. */
export const releaseNames = knownReleaseNames;

export const ReleaseName = z.enum(releaseNames);
export type ReleaseName = z.infer<typeof ReleaseName>;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2015-10-15');

export const KnownRelease = z.strictObject({
  name: ReleaseName,
  /** The release's number, such as 2024.1: upstream has them from Antelope on. */
  release: z
    .string()
    .regex(/^\d{4}\.[12]$/)
    .exactOptional(),
  released: day,
  status: z.enum(['end of life', 'unmaintained', 'maintained', 'development', 'future']),
  /** For a maintained release the day of its next phase, for an unmaintained one the day it left maintenance. */
  endOfLife: day.exactOptional(),
  /** May be reached from the SLURP release before it without the one between. */
  slurp: z.boolean(),
});
export type KnownRelease = z.infer<typeof KnownRelease>;

/** A release whose time has passed since its data was written is no longer maintained. */
export const statusOn = (
  { status, endOfLife }: Pick<KnownRelease, 'status' | 'endOfLife'>,
  now: string,
): KnownRelease['status'] =>
  status === 'maintained' && endOfLife !== undefined && endOfLife < now.slice(0, 10)
    ? 'unmaintained'
    : status;

/** For people: `Liberty`, or `Caracal (2024.1)` where the release has a number. */
export function releaseTitle({ name, release }: Pick<KnownRelease, 'name' | 'release'>): string {
  const title = releaseNameTitle(name);
  return release === undefined ? title : `${title} (${release})`;
}

export const releaseNameTitle = (name: ReleaseName): string => capital(name);

/** How many releases `a` came out after `b`; below zero where it came out before. */
export const compareReleases = (a: ReleaseName, b: ReleaseName): number =>
  releaseNames.indexOf(a) - releaseNames.indexOf(b);

/** `undefined` where there are none. */
export const newestRelease = (series: readonly ReleaseName[]): ReleaseName | undefined =>
  series.toSorted(compareReleases).at(-1);

/** `Epoxy (2025.1)`, by its name alone. */
export const titleOfRelease = (
  name: ReleaseName,
  { series }: { readonly series: readonly KnownRelease[] },
): string => releaseTitle(series.find((one) => one.name === name) ?? { name });
