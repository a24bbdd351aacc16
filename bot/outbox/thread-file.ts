import type { TextFile } from '../views/blocks.ts';
import type { Delivering } from './deliver.ts';
import { type SlackSetback, isShutOutOfAll, slackSetback } from './slack-errors.ts';
import { lookAtThread } from './thread-sight.ts';

/** A file that should stand in a thread. */
export interface ThreadFile {
  /** Names it within its run, for good. */
  readonly key: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly file: TextFile;
}

export type FileDelivery =
  | { readonly is: 'taken' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'later'; readonly againInMs: number };

/** After so many calls of which nobody knows what became of them, Slack counts as taking no files. */
const mostTries = 4;

/** Puts a file into a thread once. Its name has to be like no other's there: it is how the file is found again. */
export async function deliverFile(box: Delivering, letter: ThreadFile): Promise<FileDelivery> {
  const { sent, now, settleMs } = box;
  const record = sent.get(letter.key);
  if (record?.refused !== undefined) return { is: 'refused', why: record.refused };
  if (record?.file !== undefined) return { is: 'taken' };
  const heldMs = (sent.get('hold files')?.at ?? 0) - now();
  if (heldMs > 0) return { is: 'later', againInMs: heldMs };
  if (record !== undefined) {
    const sight = await lookAtThread(box.slack, letter);
    if (sight.is === 'seen' && sight.files.has(letter.file.name)) {
      await sent.save(letter.key, { ...record, file: letter.file.name });
      return { is: 'taken' };
    }
    const unsettledMs = record.at + settleMs - now();
    if (unsettledMs > 0 || sight.is === 'unknown')
      return { is: 'later', againInMs: Math.min(Math.max(unsettledMs, 100), 1000) };
  }
  return upload(box, letter, record?.tries ?? 0);
}

async function upload(
  box: Delivering,
  { key, channel, threadTs, file }: ThreadFile,
  tries: number,
): Promise<FileDelivery> {
  const { run, sent, slack, now, log } = box;
  const { name, title, content } = file;
  const intent = { channel, since: now(), at: now(), tries: tries + 1 };
  await sent.save(key, intent);
  try {
    await slack.files.uploadV2({
      channel_id: channel,
      thread_ts: threadTs,
      file_uploads: [{ filename: name, title, content }],
    });
    await sent.save(key, { ...intent, at: now(), file: name });
    return { is: 'taken' };
  } catch (error) {
    const setback = uploadSetback(error);
    log.warn({ runId: run, key, err: error }, 'slack did not take a file');
    if (setback.is === 'limited') {
      await sent.forget(key);
      const at = now() + setback.retryAfterMs;
      await sent.save('hold files', { channel, since: now(), at });
      return { is: 'later', againInMs: setback.retryAfterMs };
    }
    if (setback.is === 'refused' && isShutOutOfAll(setback.code)) {
      await sent.forget(key);
      return { is: 'later', againInMs: await box.shut.refused(channel, setback.code) };
    }
    if (setback.is === 'unclear' && intent.tries < mostTries)
      return { is: 'later', againInMs: 1000 };
    const why = setback.is === 'refused' ? setback.code : setback.why;
    await sent.save(key, { ...intent, refused: why });
    return { is: 'refused', why };
  }
}

/** Slack's client says in an error of no class of its own that the address for the contents did not take them. */
export function uploadSetback(error: unknown): SlackSetback {
  try {
    return slackSetback(error);
  } catch {
    return { is: 'unclear', why: error instanceof Error ? error.message : String(error) };
  }
}
