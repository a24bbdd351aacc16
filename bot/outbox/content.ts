import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { checkMessageLimits } from '../views/limits.ts';
import type { DigestedMessage, OutgoingMessage } from './outgoing-message.ts';
import { markedBlocks } from './posted.ts';

export const withDigest = (message: OutgoingMessage): DigestedMessage => ({
  ...message,
  digest: createHash('sha256')
    .update(JSON.stringify([message.text, message.blocks]))
    .digest('hex')
    .slice(0, 16),
});

/** What Slack is given of a message: its plain text where the blocks are beyond what Slack takes. */
export function contentOf(
  message: DigestedMessage,
  { run, log }: { readonly run: string; readonly log: Logger },
): Pick<OutgoingMessage, 'text' | 'blocks'> {
  const content = { text: message.text, blocks: markedBlocks(run, message) };
  if (message.text === message.plain) return content;
  try {
    checkMessageLimits(content);
    return content;
  } catch (error) {
    log.error({ runId: run, key: message.key, err: error }, 'a message is beyond what slack takes');
    return contentOf(inPlainText(message), { run, log });
  }
}

/** Keeps the digest of what could not be said, so that it is not tried again before it changes. */
export const inPlainText = (message: DigestedMessage): DigestedMessage => ({
  ...message,
  text: message.plain,
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: message.plain, verbatim: true } }],
});
