import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { isAboutUs, slackHint } from './slack-errors.ts';

/** Slack takes no messages, in a channel or from us at all, until a person changes something. */
export const SlackShutOut = z.object({
  /** Absent: in no channel. */
  channel: z.string().exactOptional(),
  /** Slack's own, such as `is_archived`. */
  code: z.string(),
  /** Ms since the epoch, as all of it. */
  since: z.number(),
  tries: z.int(),
  againAt: z.number(),
});
export type SlackShutOut = z.infer<typeof SlackShutOut>;

/** What a process knows of it, read once, written through. */
export interface ShutOuts {
  /** For so long nothing is sent to the channel; 0: now. */
  readonly waitMs: (channel: string) => number;
  /** Slack refused a message for the channel. Answers when to try again, in ms. */
  readonly refused: (channel: string, code: string) => Promise<number>;
  /** Slack took a message there. */
  readonly taken: (channel: string) => Promise<void>;
}

interface Options {
  readonly redis: Pick<Redis, 'hgetall' | 'hget' | 'hset' | 'hdel'>;
  readonly log: Logger;
  readonly now: () => number;
}

const key = 'hopscotch:slack:shut-out';
const everywhere = 'everywhere';
const [firstMs, longestMs] = [15_000, 300_000];

/** All that go on, oldest first. */
export async function slackShutOuts(redis: Options['redis']): Promise<readonly SlackShutOut[]> {
  const kept = Object.values(await redis.hgetall(key));
  return kept
    .map((json) => SlackShutOut.parse(JSON.parse(json)))
    .toSorted((one, other) => one.since - other.since);
}

/** Slack has just taken the token: messages are tried at once. */
export const tokenTaken = (redis: Pick<Redis, 'hdel'>): Promise<unknown> =>
  redis.hdel(key, everywhere);

export async function openShutOuts({ redis, log, now }: Options): Promise<ShutOuts> {
  const known = new Map(
    (await slackShutOuts(redis)).map((each) => [each.channel ?? everywhere, each]),
  );
  const about = (channel: string): SlackShutOut[] =>
    [everywhere, channel].flatMap((field) => known.get(field) ?? []);
  return {
    waitMs: (channel) => Math.max(0, ...about(channel).map(({ againAt }) => againAt - now())),
    refused: async (channel, code) => {
      const field = isAboutUs(code) ? everywhere : channel;
      const kept = await redis.hget(key, field);
      const before = kept === null ? undefined : SlackShutOut.parse(JSON.parse(kept));
      // Another process has just heard the same.
      const isHeard = before !== undefined && before.againAt > now();
      const shut = isHeard ? before : nextOf(before, { field, code, now: now() });
      known.set(field, shut);
      const inMs = shut.againAt - now();
      if (isHeard) return inMs;
      await redis.hset(key, field, JSON.stringify(shut));
      const hint = slackHint(code, channel);
      const where = field === everywhere ? 'from us' : `in channel ${channel}`;
      log.error(
        { channel, code, hint, tries: shut.tries, againInMs: inMs },
        `slack takes no messages ${where}: ${code}; runs go on, and what is not said is said later`,
      );
      return inMs;
    },
    taken: async (channel) => {
      for (const { channel: where = everywhere, code, since, tries } of about(channel)) {
        known.delete(where);
        await redis.hdel(key, where);
        log.info({ channel, code, tries, forMs: now() - since }, 'slack takes messages again');
      }
    },
  };
}

function nextOf(
  before: SlackShutOut | undefined,
  { field, code, now }: { readonly field: string; readonly code: string; readonly now: number },
): SlackShutOut {
  const tries = (before?.tries ?? 0) + 1;
  return {
    ...(field === everywhere ? {} : { channel: field }),
    code,
    since: before?.since ?? now,
    tries,
    againAt: now + Math.min(firstMs * 2 ** (tries - 1), longestMs),
  };
}
