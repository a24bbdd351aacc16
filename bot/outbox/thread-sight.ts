import type { WebClient } from '@slack/web-api';
import { slackSetback } from './slack-errors.ts';

/** What Slack shows of a thread. */
export type ThreadSight =
  | {
      readonly is: 'seen';
      readonly messages: ReadonlySet<string>;
      readonly files: ReadonlySet<string>;
    }
  /** Slack did not say. */
  | { readonly is: 'unknown'; readonly why: string };

interface Thread {
  readonly channel: string;
  /** Of the message that it hangs below. */
  readonly threadTs: string;
}

/** Which messages, by `ts`, and which files, by name, stand in a thread now. What was deleted does not. */
export async function lookAtThread(
  { conversations }: { readonly conversations: Pick<WebClient['conversations'], 'replies'> },
  { channel, threadTs }: Thread,
): Promise<ThreadSight> {
  const messages = new Set<string>();
  const files = new Set<string>();
  let cursor: string | undefined;
  try {
    do {
      const page: Page = await conversations.replies({
        channel,
        ts: threadTs,
        limit: 200,
        ...(cursor && { cursor }),
      });
      for (const { ts, files: attached = [] } of page.messages ?? []) {
        if (ts !== undefined) messages.add(ts);
        for (const { name, mode } of attached)
          if (name !== undefined && mode !== 'tombstone') files.add(name);
      }
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return { is: 'seen', messages, files };
  } catch (error) {
    const setback = slackSetback(error);
    if (setback.is === 'refused' && GONE.has(setback.code)) return { is: 'seen', messages, files };
    const why =
      setback.is === 'limited'
        ? 'too many requests'
        : setback.is === 'refused'
          ? setback.code
          : setback.why;
    return { is: 'unknown', why };
  }
}

/** There is no such thread. */
const GONE: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found']);

interface Page {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly files?: readonly { readonly name?: string; readonly mode?: string }[];
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}
