import { z } from 'zod';

/** Every OpenStack series, oldest first: the order of the alphabet, and the order of the road. */
export const seriesNames = [
  'austin',
  'bexar',
  'cactus',
  'diablo',
  'essex',
  'folsom',
  'grizzly',
  'havana',
  'icehouse',
  'juno',
  'kilo',
  'liberty',
  'mitaka',
  'newton',
  'ocata',
  'pike',
  'queens',
  'rocky',
  'stein',
  'train',
  'ussuri',
  'victoria',
  'wallaby',
  'xena',
  'yoga',
  'zed',
  'antelope',
  'bobcat',
  'caracal',
  'dalmatian',
  'epoxy',
  'flamingo',
  'gazpacho',
  'hibiscus',
  'indri',
] as const;

export const SeriesName = z.enum(seriesNames);
export type SeriesName = z.infer<typeof SeriesName>;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2015-10-15');

export const KnownSeries = z.strictObject({
  name: SeriesName,
  /** The release's number, such as 2024.1: upstream has them from Antelope on. */
  release: z
    .string()
    .regex(/^\d{4}\.[12]$/)
    .exactOptional(),
  released: day,
  status: z.enum(['end of life', 'unmaintained', 'maintained', 'development', 'future']),
  /** For a maintained series the day of its next phase, for an unmaintained one the day it left maintenance. */
  endOfLife: day.exactOptional(),
  /** May be reached from the SLURP release before it without the one between. */
  slurp: z.boolean(),
});
export type KnownSeries = z.infer<typeof KnownSeries>;

/** For people: `Liberty`, or `Caracal (2024.1)` where the release has a number. */
export function seriesTitle({ name, release }: Pick<KnownSeries, 'name' | 'release'>): string {
  const title = seriesNameTitle(name);
  return release === undefined ? title : `${title} (${release})`;
}

export const seriesNameTitle = (name: SeriesName): string =>
  name.charAt(0).toUpperCase() + name.slice(1);

/** Below zero when `a` came out before `b`. */
export const compareSeries = (a: SeriesName, b: SeriesName): number =>
  seriesNames.indexOf(a) - seriesNames.indexOf(b);

/** `undefined` where there are none. */
export const newestSeries = (series: readonly SeriesName[]): SeriesName | undefined =>
  series.toSorted(compareSeries).at(-1);
