import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { WordsPlace } from '../views/plan/approval.ts';
import {
  type ApprovalWords,
  type WordsDelivery,
  deliverWords,
  whyUnreadable,
  wordsSeen,
} from './approval-words.ts';
import { openAlarmLane } from './alarms.ts';
import { type Delivering, deliver } from './deliver.ts';
import { linkTo } from './links.ts';
import type { MessageDelivery, OutgoingMessage } from './outgoing-message.ts';
import { openSentMessages } from './sent-messages.ts';
import { openShutOuts } from './shut-outs.ts';

/** What is known of a run's messages. */
export interface RunMessages {
  readonly run: string;
  /** Whether the message stands in Slack. */
  readonly has: (key: string) => boolean;
  /** Where it stands in Slack; undefined where it does not. */
  readonly tsOf: (key: string) => string | undefined;
  /** Whether it stands there or may do so. */
  readonly knows: (key: string) => boolean;
  /** When it was last said to Slack; undefined where that was never tried. */
  readonly saidAtMs: (key: string) => number | undefined;
  /** A link to a message that stands in Slack; undefined where it does not, or Slack does not say. */
  readonly linkTo: (key: string, channel: string) => Promise<string | undefined>;
  /** For so long Slack takes nothing in the channel; 0 where it does, as far as is known. */
  readonly shutOutMs: (channel: string) => number;
  readonly deliver: (letter: OutgoingMessage) => Promise<MessageDelivery>;
  /** Where the exact words of a request for approval stood when they were last seen. */
  readonly wordsSeen: (key: string) => WordsPlace;
  readonly deliverWords: (words: ApprovalWords) => Promise<WordsDelivery>;
  /** Why nobody can approve now what a request asks for: it can't be read. Undefined where it can. */
  readonly whyUnreadable: (key: string) => Promise<string | undefined>;
}

export interface OutboxOptions {
  readonly redis: Redis;
  readonly slack: Delivering['slack'];
  readonly log: Logger;
  /** Ms since the epoch, by a clock that all processes share. */
  readonly now: () => number;
  /** Between two changes of one message: Slack allows about 50 a minute for all runs together. */
  readonly spacingMs?: number;
  /** How long a post may still turn up after its answer was lost. */
  readonly settleMs?: number;
}

export interface Outbox {
  /**
   * What was noted before `doubtedBeforeMs` may be older than what stands in Slack, as the store went back: it is looked for
   * there before it is posted, and said once more. Ms since the epoch.
   */
  readonly open: (run: string, doubtedBeforeMs?: number) => Promise<RunMessages>;
  /** Runs that have something to say that Slack does not take. */
  readonly owing: () => Promise<readonly string[]>;
  readonly owes: (run: string, isOwing: boolean) => Promise<void>;
}

const owingKey = 'hopscotch:outbox:owing';

/** Posts each message of a run once and changes it as often as Slack allows, whatever happens in between. */
export const openOutbox = ({ redis, ...options }: OutboxOptions): Outbox => ({
  open: async (run, doubtedBeforeMs = 0) => {
    const { log, now } = options;
    const [sent, shut] = await Promise.all([
      openSentMessages(redis, run),
      openShutOuts({ redis, log, now }),
    ]);
    const box: Delivering = {
      spacingMs: 3000,
      settleMs: 10_000,
      ...options,
      isAlarmWaiting: openAlarmLane(redis, options.now).isWaiting,
      run,
      sent,
      shut,
      doubtedBeforeMs,
    };
    return {
      run,
      linkTo: (key, channel) => linkTo(box, sent.get(key)?.ts, channel),
      shutOutMs: shut.waitMs,
      deliver: (message) => deliver(box, message),
      has: (key) => sent.get(key)?.ts !== undefined,
      tsOf: (key) => sent.get(key)?.ts,
      saidAtMs: (key) => sent.get(key)?.at,
      knows: (key) => sent.get(key) !== undefined,
      wordsSeen: (key) => wordsSeen(box, key),
      deliverWords: (words) => deliverWords(box, words),
      whyUnreadable: (key) => whyUnreadable(box, key),
    };
  },
  owing: () => redis.smembers(owingKey),
  owes: async (run, isOwing) => {
    await (isOwing ? redis.sadd(owingKey, run) : redis.srem(owingKey, run));
  },
});
