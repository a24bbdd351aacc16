import { z } from 'zod';

/** Things of one sort that were made or deleted since a backup, as the databases tell. */
export const LostThings = z.strictObject({
  what: z.enum(['servers', 'volumes', 'images', 'networks', 'users', 'projects']),
  made: z.int().min(0),
  /** Absent where the database does not keep what was deleted. */
  deleted: z.int().min(0).exactOptional(),
});
export type LostThings = z.infer<typeof LostThings>;

/** More of one sort than was known. */
export interface MoreLost {
  readonly what: LostThings['what'];
  readonly how: 'made' | 'deleted';
  readonly more: number;
}

/** So much more changes nobody's mind: a tenth of what was known. */
const slight = 0.1;

/** What is lost beyond what was known, where it is so much more that whoever confirms should know; else nothing. */
export const moreLost = (known: readonly LostThings[], now: readonly LostThings[]): MoreLost[] =>
  now.flatMap((things) => {
    const { made = 0, deleted = 0 } = known.find(({ what }) => what === things.what) ?? {};
    const counts = [
      { how: 'made' as const, before: made, after: things.made },
      { how: 'deleted' as const, before: deleted, after: things.deleted ?? 0 },
    ];
    return counts
      .filter(({ before, after }) => after - before > before * slight)
      .map(({ how, before, after }) => ({ what: things.what, how, more: after - before }));
  });
