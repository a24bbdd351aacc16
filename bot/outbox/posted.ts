import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { ShutOuts } from './shut-outs.ts';
import { isShutOutOfAll, slackSetback } from './slack-errors.ts';
import type { DigestedMessage, OutgoingMessage } from './outgoing-message.ts';

const eventType = 'hopscotch_run';

/** Lets us know our own message again. Everybody in the workspace can read it. */
export const messageMetadata = (run: string, key: string) => ({
  event_type: eventType,
  event_payload: { run, key },
});

/**
 * The blocks with a first block_id that names the message and its content. It is how a message is known where metadata
 * is not kept, and Slack wants new ids for changed blocks.
 */
export function markedBlocks(run: string, { key, blocks, digest }: DigestedMessage) {
  const [first, ...rest] = blocks;
  return first === undefined
    ? []
    : [{ ...first, block_id: `${mark(run, key)}${digest.slice(0, 8)}` }, ...rest];
}

const mark = (run: string, key: string): string =>
  `hopscotch.${run}.${createHash('sha256').update(key).digest('hex').slice(0, 12)}.`;

interface Client {
  readonly slack: {
    readonly conversations: Pick<WebClient['conversations'], 'history' | 'replies'>;
  };
  readonly log: Logger;
  readonly shut: Pick<ShutOuts, 'refused'>;
}

/** Slack may not be able to say now; asking later helps then. */
export type FoundPost = { readonly ts?: string } | 'ask later';

/** More than are posted in a channel while it is not known whether ours is among them. */
const mostPages = 5;

/**
 * Looks for a message that was perhaps posted: among the last thousand of a channel, as our clock and Slack's may differ,
 * or in all of a thread. Where Slack never tells, it counts as not there: a message that stands there twice is better than
 * none.
 */
export async function findPosted(
  { slack, log, shut }: Client,
  run: string,
  { key, channel, threadTs }: OutgoingMessage,
): Promise<FoundPost> {
  const query = { channel, limit: 200, include_all_metadata: true };
  try {
    let cursor: string | undefined;
    let pagesLeft = threadTs === undefined ? mostPages : Infinity;
    do {
      pagesLeft -= 1;
      const page: Page = await (threadTs === undefined
        ? slack.conversations.history({ ...query, ...(cursor && { cursor }) })
        : slack.conversations.replies({ ...query, ts: threadTs, ...(cursor && { cursor }) }));
      const found = page.messages?.find((message) => isOurs(message, run, key));
      if (found?.ts !== undefined) return { ts: found.ts };
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined && pagesLeft > 0);
    return {};
  } catch (error) {
    const setback = slackSetback(error);
    log.warn({ runId: run, key, err: error }, 'looking for a message that may have been posted');
    if (setback.is !== 'refused') return 'ask later';
    if (!isShutOutOfAll(setback.code)) return {};
    await shut.refused(channel, setback.code);
    return 'ask later';
  }
}

interface Message {
  readonly ts?: string;
  readonly blocks?: readonly { readonly block_id?: string }[];
  readonly metadata?: {
    readonly event_type?: string;
    readonly event_payload?: { readonly run?: unknown; readonly key?: unknown };
  };
}

interface Page {
  readonly messages?: readonly Message[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

function isOurs({ blocks, metadata }: Message, run: string, key: string): boolean {
  const payload = metadata?.event_payload;
  return (
    (metadata?.event_type === eventType && payload?.run === run && payload.key === key) ||
    (blocks?.[0]?.block_id?.startsWith(mark(run, key)) ?? false)
  );
}
