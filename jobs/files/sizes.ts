import { z } from 'zod';
import { countText } from '../../handlers/words/counts.ts';

const UNITS: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** Bytes of a size such as `64MiB` or `2GiB`; undefined for what is none. */
export function sizeBytes(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,5})(KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

/** `1 GiB`, `1.5 MiB`, `300 bytes`: in the units that people write in settings. */
export function sizeText(bytes: number): string {
  const found = Object.entries(UNITS).findLast(([, least]) => bytes >= least);
  if (found === undefined) return countText(bytes, 'byte');
  const [unit, factor] = found;
  return `${Number((bytes / factor).toFixed(1))} ${unit}`;
}

/** A size as people write it. */
export const Size = z.string().refine((text) => sizeBytes(text) !== undefined, {
  error: 'expected a size such as 64MiB or 2GiB',
});
