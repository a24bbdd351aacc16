import type { WebClient } from '@slack/web-api';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { slackHint, slackSetback } from '../outbox/slack-errors.ts';

/**
 * Throws an OperatorError when the bot cannot post in the channel. Says nothing where Slack does not answer: then the
 * posts find out.
 */
export async function checkSlackChannel(
  { conversations }: { readonly conversations: Pick<WebClient['conversations'], 'info'> },
  channel: string,
): Promise<void> {
  const code = await refusalOf(conversations, channel);
  if (code === undefined) return;
  throw new OperatorError(`posting in channel ${channel}: Slack says ${code}`, {
    hint: slackHint(code, channel),
    name: 'ChannelClosed',
  });
}

async function refusalOf(
  conversations: Pick<WebClient['conversations'], 'info'>,
  id: string,
): Promise<string | undefined> {
  try {
    const { channel } = await conversations.info({ channel: id });
    if (channel?.is_archived === true) return 'is_archived';
    return channel?.is_member === false ? 'not_in_channel' : undefined;
  } catch (error) {
    const setback = slackSetback(error);
    return setback.is === 'refused' ? setback.code : undefined;
  }
}
