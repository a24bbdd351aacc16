import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../handlers/contract/errors.ts';
import { type RedisWatch, watchRedis } from '../jobs/redis/reach/watch.ts';
import type { RunStore } from '../jobs/redis/store.ts';
import { type EdgeTrouble, type EdgeTroubles, openEdgeTroubles } from '../jobs/redis/troubles.ts';
import type { Run } from '../jobs/run/run.ts';
import { type SlackShutOut, slackShutOuts, tokenTaken } from './outbox/shut-outs.ts';
import { slackHint } from './outbox/slack-errors.ts';
import { type RedisAlarm, openRedisAlarm } from './outbox/redis-alarm.ts';
import type { SlackApp } from './slack/app.ts';

interface Options {
  /** A connection of its own, which fails instead of waiting. */
  readonly watched: Redis;
  readonly redis: Redis;
  readonly store: Pick<RunStore, 'active' | 'load'>;
  readonly client: SlackApp['client'];
  readonly now: () => string;
  readonly log: Logger;
}

/** What a bot knows of trouble with Redis and Slack, and whom it tells. */
export interface BotEdges {
  readonly trouble: RedisWatch['trouble'];
  /** Those that go on, and those of the last day. Never rejects. */
  readonly troubles: () => Promise<readonly EdgeTrouble[]>;
  /** Starts the Slack app, and keeps why Slack did not let it in for those who ask later. */
  readonly enter: (app: Pick<SlackApp, 'start'>) => Promise<void>;
  readonly note: (refusal: OperatorError) => Promise<void>;
  readonly close: () => void;
}

const troubleOf = ({ channel, code, since }: SlackShutOut): EdgeTrouble => ({
  edge: 'slack',
  says: `it takes no messages ${channel === undefined ? 'from us' : `in channel ${channel}`} (${code})`,
  hint: slackHint(code, channel ?? ''),
  since: new Date(since).toISOString(),
});

/** What any process may know: what Slack refuses now and since when, and what bots noted within a day. Never rejects. */
export async function knownTroubles(
  redis: Redis,
  kept: Pick<EdgeTroubles, 'recent'>,
): Promise<readonly EdgeTrouble[]> {
  const shut = await slackShutOuts(redis).catch(() => []);
  return [...shut.map(troubleOf), ...(await kept.recent().catch(() => []))];
}

export function openBotEdges({ watched, redis, store, client, now, log }: Options): BotEdges {
  const kept: EdgeTroubles = openEdgeTroubles(redis, now);
  const activeRuns = async (): Promise<readonly Run[]> =>
    Promise.all((await store.active()).map((id) => store.load(id)));
  const alarm: RedisAlarm = openRedisAlarm({ chat: client.chat, activeRuns, log });
  const watch = watchRedis({ redis: watched, log, changed: alarm.changed });
  const note = async ({ message: says, hint }: OperatorError): Promise<void> => {
    await kept
      .note({ edge: 'slack', says, hint })
      .catch((error: unknown) => log.warn({ err: error }, 'keeping why slack refused'));
  };
  return {
    trouble: watch.trouble,
    troubles: async () => {
      const found = watch.trouble();
      const present = found === undefined ? [] : [{ edge: 'redis' as const, ...found }];
      return [...present, ...(await knownTroubles(redis, kept))];
    },
    enter: async (app) => {
      try {
        await app.start();
      } catch (error) {
        if (error instanceof OperatorError) await note(error);
        throw error;
      }
      await Promise.all([kept.over('slack'), tokenTaken(redis)]).catch((error: unknown) =>
        log.warn({ err: error }, 'slack is back'),
      );
    },
    note,
    close: () => {
      watch.close();
      alarm.close();
    },
  };
}
