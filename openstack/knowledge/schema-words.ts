import { z } from 'zod';
import { SeriesName } from './series.ts';

/** Where a rule or figure comes from: `repository@ref:path`, a bug number (LP 1511466), a document. */
export const source = z.string().min(3);
export const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and dashes');
export const text = z.string().min(1);

export const byName = <T extends z.ZodType>(value: T) => z.record(id, value);
export const bySeries = <T extends z.ZodType>(value: T) => z.partialRecord(SeriesName, value);

/**
 * Which hops something is for: those that are named; all that reach or pass a series, however long they are; or all that
 * leave a series from `since` on, and reach none after `until`.
 */
export const HopsFor = z.union([
  z.array(z.tuple([SeriesName, SeriesName])).min(1),
  z.strictObject({ into: SeriesName }),
  z.strictObject({ since: SeriesName, until: SeriesName.exactOptional() }),
]);
export type HopsFor = z.infer<typeof HopsFor>;
