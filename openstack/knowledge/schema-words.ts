import { z } from 'zod';
import { SeriesName } from './series.ts';

/** Where a rule or figure comes from: `repository@ref:path`, a bug number (LP 1511466), a document. */
export const SourceText = z.string().min(3);
export const KnowledgeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and dashes');
export const NonEmptyText = z.string().min(1);

export const recordByName = <T extends z.ZodType>(value: T) => z.record(KnowledgeId, value);
export const recordBySeries = <T extends z.ZodType>(value: T) => z.partialRecord(SeriesName, value);

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
