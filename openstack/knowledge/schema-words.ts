import { z } from 'zod';
import { ReleaseName } from './releases.ts';

/** Where a rule or figure comes from: `repository@ref:path`, a bug number (LP 1511466), a document. */
export const SourceText = z.string().min(3);
export const KnowledgeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and dashes');
export const NonEmptyText = z.string().min(1);

export const recordByName = <T extends z.ZodType>(value: T) => z.record(KnowledgeId, value);
export const recordByRelease = <T extends z.ZodType>(value: T) =>
  z.partialRecord(ReleaseName, value);

/**
 * Which hops something is for: those that are named; all that reach or pass a release, however long they are; or all that
 * leave a release from `since` on, and reach none after `until`.
 */
export const HopsFor = z.union([
  z.array(z.tuple([ReleaseName, ReleaseName])).min(1),
  z.strictObject({ into: ReleaseName }),
  z.strictObject({ since: ReleaseName, until: ReleaseName.exactOptional() }),
]);
export type HopsFor = z.infer<typeof HopsFor>;

/** A pattern of what programs print, by lines; "(?i)" before it: in small or capital letters. Throws where it is none. */
export const outputPattern = (written: string): RegExp =>
  written.startsWith('(?i)') ? new RegExp(written.slice(4), 'imu') : new RegExp(written, 'mu');
