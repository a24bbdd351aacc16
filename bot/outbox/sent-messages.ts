import type { Redis } from 'ioredis';
import { z } from 'zod';

/** A message as Redis knows it. Without `ts` it was about to be posted, and it is not known whether it was. */
export const SentMessage = z.object({
  channel: z.string(),
  /** When it was first about to be posted, and when it was last tried; ms since the epoch. */
  since: z.number(),
  at: z.number(),
  ts: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  /** Of a file: that it was taken, or why Slack took none; and how often it was tried. */
  file: z.string().exactOptional(),
  refused: z.string().exactOptional(),
  tries: z.int().exactOptional(),
});
export type SentMessage = z.infer<typeof SentMessage>;

export const messagesKey = (run: string): string => `hopscotch:run:${run}:messages`;

/** What Redis knows of a run's messages, and until when Slack asked us to wait; read once, written through. */
export interface SentMessages {
  readonly get: (key: string) => SentMessage | undefined;
  readonly keys: () => string[];
  readonly save: (key: string, record: SentMessage) => Promise<void>;
  readonly forget: (key: string) => Promise<void>;
}

export async function openSentMessages(redis: Redis, run: string): Promise<SentMessages> {
  const stored = await redis.hgetall(messagesKey(run));
  const sent = new Map(
    Object.entries(stored).map(([key, json]) => [key, SentMessage.parse(JSON.parse(json))]),
  );
  return {
    get: (key) => sent.get(key),
    keys: () => [...sent.keys()],
    save: async (key, record) => {
      await redis.hset(messagesKey(run), key, JSON.stringify(record));
      sent.set(key, record);
    },
    forget: async (key) => {
      await redis.hdel(messagesKey(run), key);
      sent.delete(key);
    },
  };
}
