import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { RunMessages, Outbox } from './outbox.ts';
import { slackHint } from './slack-errors.ts';
import { uploadSetback } from './thread-file.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Message, TextFile } from '../views/blocks.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

/** A message in a channel, with more of them and files in its thread. */
export interface ThreadToPost {
  readonly channel: string;
  readonly head: Message;
  readonly replies: readonly Message[];
  readonly files: readonly TextFile[];
}

/** A file with what is said beside it. */
export interface FileToAttach {
  readonly says: string;
  readonly file: { readonly name: string; readonly title: string; readonly content: Buffer };
}

export interface ThreadPoster {
  /**
   * Posts a thread that belongs to no run. The same id again posts only what is still missing. Answers why Slack did not
   * take the files, if it did not. Throws `NotPosted` when it does not take the messages.
   */
  readonly post: (id: string, thread: ThreadToPost) => Promise<{ readonly filesRefused?: string }>;
  /** Puts a file below the card of a run, once for each id; into its channel where there is no card. Answers as `post`. */
  readonly attach: (
    id: string,
    run: Pick<Run, 'id' | 'plan'>,
    file: FileToAttach,
  ) => Promise<{ readonly filesRefused?: string }>;
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
      const file_uploads = files.map(({ name, title, content }) => ({
        filename: name,
        title,
        content,
      }));
      return upload(options, id, { channel_id: channel, thread_ts: threadTs, file_uploads });
    },
    attach: async (id, { id: run, plan }, { says, file }) => {
      const threadTs = (await options.outbox.open(run)).tsOf('card');
      const { name, title, content } = file;
      return upload(options, id, {
        channel_id: plan.channel,
        ...(threadTs !== undefined && { thread_ts: threadTs }),
        initial_comment: says,
        file_uploads: [{ filename: name, title, file: content }],
      });
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

type Uploaded = Parameters<WebClient['files']['uploadV2']>[0] & {
  readonly file_uploads: readonly unknown[];
};

/** Slack has no way to ask whether an upload happened, so the mark is set before it. */
async function upload(
  { slack, redis, log }: Options,
  id: string,
  files: Uploaded,
): Promise<{ filesRefused?: string }> {
  const mark = `hopscotch:files:${id}`;
  if (files.file_uploads.length === 0) return {};
  if ((await redis.set(mark, '1', 'EX', 24 * 3600, 'NX')) === null) return {};
  try {
    await slack.files.uploadV2(files);
    return {};
  } catch (error) {
    const setback = uploadSetback(error);
    log.warn({ id, channel: files.channel_id, err: error }, 'slack did not take files');
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
