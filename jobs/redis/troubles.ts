import type { Redis } from 'ioredis';
import { z } from 'zod';

/** What an edge of Hopscotch refused, for people who ask later. */
export const EdgeTrouble = z.object({
  edge: z.enum(['slack', 'redis']),
  says: z.string(),
  hint: z.string(),
  since: z.iso.datetime(),
  /** When it was over. */
  until: z.iso.datetime().optional(),
});
export type EdgeTrouble = z.infer<typeof EdgeTrouble>;

export interface EdgeTroubles {
  /** The same trouble again keeps its beginning. */
  readonly note: (trouble: Pick<EdgeTrouble, 'edge' | 'says' | 'hint'>) => Promise<void>;
  readonly over: (edge: EdgeTrouble['edge']) => Promise<void>;
  /** Those that go on, and those that were over less than a day ago. */
  readonly recent: () => Promise<readonly EdgeTrouble[]>;
}

const key = 'hopscotch:troubles';
const dayMs = 24 * 3600 * 1000;

export function openEdgeTroubles(redis: Redis, now: () => string): EdgeTroubles {
  const read = async (edge: string): Promise<EdgeTrouble | undefined> => {
    const kept = await redis.hget(key, edge);
    return kept === null ? undefined : EdgeTrouble.safeParse(JSON.parse(kept)).data;
  };
  const write = async (trouble: EdgeTrouble): Promise<void> => {
    await redis.hset(key, trouble.edge, JSON.stringify(trouble));
  };
  return {
    note: async (trouble) => {
      const known = await read(trouble.edge);
      const isSame =
        known !== undefined && known.until === undefined && known.says === trouble.says;
      await write({ ...trouble, since: isSame ? known.since : now() });
    },
    over: async (edge) => {
      const known = await read(edge);
      if (known !== undefined && known.until === undefined) await write({ ...known, until: now() });
    },
    recent: async () => {
      const kept = await Promise.all(EdgeTrouble.shape.edge.options.map(read));
      const dayAgo = Date.parse(now()) - dayMs;
      return kept
        .filter((trouble) => trouble !== undefined)
        .filter(({ until }) => until === undefined || Date.parse(until) > dayAgo);
    },
  };
}
