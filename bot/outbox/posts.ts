import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunMessages, Outbox } from './outbox.ts';
import { slackHint, slackSetback } from './slack-errors.ts';
import type { Message, TextFile } from '../views/blocks.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

/** A message in a channel, with more of them and files in its thread. */
export interface ThreadToPost {
  readonly channel: string;
  readonly head: Message;
  readonly replies: readonly Message[];
  readonly files: readonly TextFile[];
}

export interface ThreadPoster {
  /**
   * Posts a thread that belongs to no run. The same id again posts only what is still missing. Answers why Slack did not
   * take the files, if it did not. Throws `NotPosted` when it does not take the messages.
   */
  readonly post: (id: string, thread: ThreadToPost) => Promise<{ readonly filesRefused?: string }>;
}

interface Options {
  readonly outbox: Outbox;
  readonly slack: { readonly files: Pick<WebClient['files'], 'uploadV2'> };
  readonly redis: Pick<Redis, 'set' | 'del'>;
  readonly log: Logger;
  /** How long Slack may keep us waiting for one message. */
  readonly patienceMs?: number;
}

export function openThreadPoster(options: Options): ThreadPoster {
  return {
    post: async (id, { channel, head, replies, files }) => {
      const box = await options.outbox.open(id);
      const threadTs = await deliver(options, box, { ...letterOf(channel, head), key: 'head' });
      for (const [index, reply] of replies.entries()) {
        const letter = { ...letterOf(channel, reply), key: `reply.${index}`, threadTs };
        await deliver(options, box, letter);
      }
      return attach(options, id, { channel, threadTs, files });
    },
  };
}

const letterOf = (channel: string, { text, blocks }: Message): Omit<OutgoingMessage, 'key'> => ({
  channel,
  text,
  blocks,
  plain: text.slice(0, 2000),
  fixed: true,
});

async function deliver(
  { patienceMs = 60_000 }: Options,
  box: RunMessages,
  letter: OutgoingMessage,
): Promise<string> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const { ts, againInMs, shutOut } = await box.deliver(letter);
    if (ts !== undefined) return ts;
    if (shutOut !== undefined) throw notPosted(letter, shutOut);
    if (againInMs === undefined || Date.now() + againInMs > until) throw notPosted(letter);
    await new Promise((done) => setTimeout(done, againInMs));
  }
}

interface Attached extends Pick<ThreadToPost, 'channel' | 'files'> {
  readonly threadTs: string;
}

/** Slack has no way to ask whether an upload happened, so the mark is set before it. */
async function attach(
  { slack, redis, log }: Options,
  id: string,
  { channel, threadTs, files }: Attached,
): Promise<{ filesRefused?: string }> {
  const mark = `hopscotch:files:${id}`;
  if (files.length === 0 || (await redis.set(mark, '1', 'EX', 24 * 3600, 'NX')) === null) return {};
  try {
    await slack.files.uploadV2({
      channel_id: channel,
      thread_ts: threadTs,
      file_uploads: files.map(({ name, title, content }) => ({ filename: name, title, content })),
    });
    return {};
  } catch (error) {
    const setback = slackSetback(error);
    log.warn({ id, channel, err: error }, 'slack did not take files');
    await redis.del(mark);
    if (setback.is === 'refused') return { filesRefused: setback.code };
    return { filesRefused: setback.is === 'unclear' ? setback.why : 'too many requests' };
  }
}

const notPosted = ({ channel }: OutgoingMessage, code?: string): OperatorError =>
  new OperatorError(
    `posting in channel ${channel}: Slack ${code === undefined ? 'did not take it' : `says ${code}`}`,
    {
      name: 'NotPosted',
      hint:
        code === undefined ? 'The log says why. Try again in a minute.' : slackHint(code, channel),
    },
  );
