import type { WebClient } from '@slack/web-api';
import type { types } from '@slack/bolt';
import type { Logger } from 'pino';
import type { Press } from '../actions/press.ts';

/** What one person is told in private. */
export interface PrivateAnswer {
  readonly text: string;
  readonly blocks?: types.KnownBlock[];
}

export interface PrivateChannel {
  readonly client: { readonly chat: Pick<WebClient['chat'], 'postEphemeral'> };
  readonly fetch: typeof globalThis.fetch;
  readonly log: Logger;
}

/**
 * Answers a press in private: by its response_url, and where that has expired or does not work, by an ephemeral message.
 * Never rejects; answers whether Slack took it.
 */
export async function sendPrivately(
  mouth: PrivateChannel,
  press: Press,
  answer: PrivateAnswer,
): Promise<boolean> {
  return (await byUrl(mouth, press, answer)) || (await byMessage(mouth, press, answer));
}

async function byUrl(
  { fetch, log }: PrivateChannel,
  { responseUrl, id }: Press,
  answer: PrivateAnswer,
) {
  if (responseUrl === undefined) return false;
  try {
    const { ok, status } = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        unfurl_links: false,
        ...answer,
      }),
      signal: AbortSignal.timeout(5000),
    });
    if (!ok) log.info({ press: id, status }, 'response_url did not take the answer');
    return ok;
  } catch (error) {
    log.info({ press: id, err: error }, 'response_url did not answer');
    return false;
  }
}

async function byMessage(
  { client, log }: PrivateChannel,
  press: Press,
  answer: PrivateAnswer,
): Promise<boolean> {
  const { channel, user, threadTs } = press;
  try {
    await client.chat.postEphemeral({
      channel,
      user,
      ...answer,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    });
    return true;
  } catch (error) {
    log.warn({ press: press.id, user, channel, err: error }, 'a person was left without an answer');
    return false;
  }
}
