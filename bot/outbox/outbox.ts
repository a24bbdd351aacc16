import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import { findPosted, markedBlocks, messageMetadata } from './posted.ts';
import { unchangeableCodes, slackHint, isMalformedMessage, slackSetback } from './slack-errors.ts';
import { checkMessageLimits } from '../views/limits.ts';
import type { OutgoingMessage, DigestedMessage } from './outgoing-message.ts';

/** `ts` is there once the message stands in Slack; `againInMs` when there is more to do for it later. */
export interface MessageDelivery {
  readonly ts?: string;
  readonly againInMs?: number;
}

/** What is known of a run's messages. */
export interface RunMessages {
  readonly run: string;
  /** Whether the message stands in Slack. */
  readonly has: (key: string) => boolean;
  /** Whether it stands there or may do so. */
  readonly knows: (key: string) => boolean;
  readonly deliver: (letter: OutgoingMessage) => Promise<MessageDelivery>;
}

export interface OutboxOptions {
  readonly redis: Redis;
  readonly slack: {
    readonly chat: Pick<WebClient['chat'], 'postMessage' | 'update'>;
    readonly conversations: Pick<WebClient['conversations'], 'history' | 'replies'>;
  };
  readonly log: Logger;
  /** Ms since the epoch, by a clock that all processes share. */
  readonly now: () => number;
  /** Between two changes of one message: Slack allows about 50 a minute for all runs together. */
  readonly spacingMs?: number;
  /** How long a post may still turn up after its answer was lost. */
  readonly settleMs?: number;
}

export interface Outbox {
  readonly open: (run: string) => Promise<RunMessages>;
}

/** A message as Redis knows it. Without `ts` it was about to be posted, and it is not known whether it was. */
const Sent = z.object({
  channel: z.string(),
  /** When it was first about to be posted, and when it was last tried; ms since the epoch. */
  since: z.number(),
  at: z.number(),
  ts: z.string().exactOptional(),
  digest: z.string().exactOptional(),
});
type Sent = z.infer<typeof Sent>;

export const messagesKey = (run: string): string => `hopscotch:run:${run}:messages`;

/** Posts each message of a run once and changes it as often as Slack allows, whatever happens in between. */
export function openOutbox(options: OutboxOptions): Outbox {
  return {
    open: async (run) => {
      const stored = await options.redis.hgetall(messagesKey(run));
      return openBox({ spacingMs: 3000, settleMs: 10_000, ...options }, run, stored);
    },
  };
}

function openBox(
  { redis, slack, log, now, spacingMs, settleMs }: Required<OutboxOptions>,
  run: string,
  stored: Record<string, string>,
): RunMessages {
  const sent = new Map(
    Object.entries(stored).map(([field, json]) => [field, Sent.parse(JSON.parse(json))]),
  );
  const save = async (key: string, record: Sent): Promise<void> => {
    await redis.hset(messagesKey(run), key, JSON.stringify(record));
    sent.set(key, record);
  };
  const forget = async (key: string): Promise<void> => {
    await redis.hdel(messagesKey(run), key);
    sent.delete(key);
  };
  const heldFor = (method: string): number => (sent.get(`hold ${method}`)?.at ?? 0) - now();
  const hold = async (method: string, channel: string, forMs: number): Promise<MessageDelivery> => {
    await save(`hold ${method}`, { channel, since: now(), at: now() + forMs });
    log.info({ runId: run, method, forMs }, 'slack asked us to wait');
    return { againInMs: forMs };
  };

  async function deliver(given: OutgoingMessage): Promise<MessageDelivery> {
    const letter = { ...given, digest: digestOf(given) };
    const record = sent.get(letter.key);
    if (record?.ts === undefined) return post(letter, record);
    return change(letter, { ...record, ts: record.ts });
  }

  async function post(
    letter: DigestedMessage,
    earlier: Sent | undefined,
  ): Promise<MessageDelivery> {
    if (heldFor('post') > 0) return { againInMs: heldFor('post') };
    if (earlier !== undefined) {
      const found = await findPosted({ slack, log }, run, letter);
      if (found === 'ask later') return { againInMs: spacingMs };
      if (found.ts !== undefined) {
        const record = { ...earlier, ts: found.ts };
        await save(letter.key, record);
        return change(letter, record);
      }
      const unsettled = earlier.at + settleMs - now();
      if (unsettled > 0) return { againInMs: Math.min(unsettled, 1000) };
    }
    const intent = { channel: letter.channel, since: earlier?.since ?? now(), at: now() };
    await save(letter.key, intent);
    try {
      const { ts } = await slack.chat.postMessage({
        channel: letter.channel,
        ...contentOf(letter),
        metadata: messageMetadata(run, letter.key),
        unfurl_links: false,
        unfurl_media: false,
        ...(letter.threadTs === undefined ? {} : threadOf(letter)),
      });
      if (ts === undefined) return { againInMs: 1000 };
      await save(letter.key, { ...intent, ts, digest: letter.digest, at: now() });
      return { ts };
    } catch (error) {
      return postFailed(letter, error);
    }
  }

  async function postFailed(letter: DigestedMessage, error: unknown): Promise<MessageDelivery> {
    const setback = slackSetback(error);
    if (setback.is === 'unclear') {
      log.warn({ runId: run, key: letter.key, err: error }, 'a post may or may not have happened');
      return { againInMs: 1000 };
    }
    await forget(letter.key);
    if (setback.is === 'limited') return hold('post', letter.channel, setback.retryAfterMs);
    return refused(letter, setback.code, post);
  }

  async function change(
    letter: DigestedMessage,
    record: Sent & { ts: string },
  ): Promise<MessageDelivery> {
    const { ts, channel } = record;
    const { digest } = letter;
    if (letter.fixed || record.digest === digest) return { ts };
    const wait = Math.max(
      heldFor('update'),
      record.digest === undefined ? 0 : record.at + spacingMs - now(),
    );
    if (wait > 0) return { ts, againInMs: wait };
    try {
      await slack.chat.update({ channel, ts, ...contentOf(letter) });
      await save(letter.key, { ...record, digest, at: now() });
      return { ts };
    } catch (error) {
      const setback = slackSetback(error);
      if (setback.is === 'limited') {
        return { ts, ...(await hold('update', channel, setback.retryAfterMs)) };
      }
      if (setback.is === 'unclear') {
        log.warn(
          { runId: run, key: letter.key, err: error },
          'a change may or may not have happened',
        );
        return { ts, againInMs: spacingMs };
      }
      if (unchangeableCodes.has(setback.code)) {
        await forget(letter.key);
        return post(letter, undefined);
      }
      return refused(letter, setback.code, async (plainer) => change(plainer, record));
    }
  }

  async function refused(
    letter: DigestedMessage,
    code: string,
    again: (plainer: DigestedMessage, earlier: undefined) => Promise<MessageDelivery>,
  ): Promise<MessageDelivery> {
    const { key, channel } = letter;
    log.error(
      { runId: run, key, channel, code, hint: slackHint(code, channel) },
      'slack refused a message',
    );
    return isMalformedMessage(code) && letter.text !== letter.plain
      ? again(plain(letter), undefined)
      : {};
  }

  function contentOf(letter: DigestedMessage): Pick<OutgoingMessage, 'text' | 'blocks'> {
    const content = { text: letter.text, blocks: markedBlocks(run, letter) };
    if (letter.text === letter.plain) return content;
    try {
      checkMessageLimits(content);
      return content;
    } catch (error) {
      log.error(
        { runId: run, key: letter.key, err: error },
        'a message is beyond what slack takes',
      );
      return contentOf(plain(letter));
    }
  }

  return {
    run,
    deliver,
    has: (key) => sent.get(key)?.ts !== undefined,
    knows: (key) => sent.has(key),
  };
}

const threadOf = ({ threadTs = '', broadcast }: OutgoingMessage) =>
  broadcast === true
    ? { thread_ts: threadTs, reply_broadcast: true as const }
    : { thread_ts: threadTs };

/** Keeps the digest of what could not be said, so that it is not tried again before it changes. */
const plain = (letter: DigestedMessage): DigestedMessage => ({
  ...letter,
  text: letter.plain,
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: letter.plain, verbatim: true } }],
});

const digestOf = ({ text, blocks }: OutgoingMessage): string =>
  createHash('sha256')
    .update(JSON.stringify([text, blocks]))
    .digest('hex')
    .slice(0, 16);
