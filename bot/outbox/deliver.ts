import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { contentOf, inPlainText, withDigest } from './content.ts';
import type { DigestedMessage, MessageDelivery, OutgoingMessage } from './outgoing-message.ts';
import { findPosted, messageMetadata } from './posted.ts';
import type { SentMessage, SentMessages } from './sent-messages.ts';
import type { ShutOuts } from './shut-outs.ts';
import {
  isMalformedMessage,
  isShutOut,
  slackHint,
  slackSetback,
  unchangeableCodes,
} from './slack-errors.ts';

/** What delivering a run's messages takes. */
export interface Delivering {
  readonly run: string;
  readonly sent: SentMessages;
  readonly shut: ShutOuts;
  readonly slack: {
    readonly chat: Pick<WebClient['chat'], 'postMessage' | 'update' | 'getPermalink'>;
    readonly conversations: Pick<WebClient['conversations'], 'history' | 'replies'>;
    readonly files: Pick<WebClient['files'], 'uploadV2'>;
  };
  readonly log: Logger;
  /** Ms since the epoch, by a clock that all processes share. */
  readonly now: () => number;
  /** Between two changes of one message. */
  readonly spacingMs: number;
  /** How long a post may still turn up after its answer was lost. */
  readonly settleMs: number;
  /** Whether somebody has to be woken first. */
  readonly isAlarmWaiting: () => Promise<boolean>;
  /** What was noted before this may be older than what stands in Slack; 0 where the store never went back. */
  readonly doubtedBeforeMs: number;
}

/** Posts a message that does not stand in Slack yet, and changes one that does where it says something else now. */
export function deliver(box: Delivering, message: OutgoingMessage): Promise<MessageDelivery> {
  const letter = withDigest(message);
  const record = box.sent.get(letter.key);
  if (record?.ts === undefined) return post(box, letter, record);
  return change(box, letter, { ...record, ts: record.ts });
}

async function post(
  box: Delivering,
  letter: DigestedMessage,
  earlier: SentMessage | undefined,
): Promise<MessageDelivery> {
  const wait = Math.max(heldFor(box, 'post'), box.shut.waitMs(letter.channel));
  if (wait > 0) return { againInMs: wait };
  if (letter.isAlarm !== true && (await box.isAlarmWaiting())) return { againInMs: 300 };
  const settled = earlier && (await settle(box, letter, earlier));
  if (settled !== undefined) return settled;
  if (earlier === undefined && box.doubtedBeforeMs > 0) {
    const forgotten = await findForgotten(box, letter);
    if (forgotten !== undefined) return forgotten;
  }
  const { run, sent, slack, now } = box;
  const intent = { channel: letter.channel, since: earlier?.since ?? now(), at: now() };
  await sent.save(letter.key, intent);
  try {
    const { ts } = await slack.chat.postMessage({
      channel: letter.channel,
      ...contentOf(letter, box),
      metadata: messageMetadata(run, letter.key),
      unfurl_links: false,
      unfurl_media: false,
      ...(letter.threadTs === undefined ? {} : threadOf(letter)),
    });
    if (ts === undefined) return { againInMs: 1000 };
    await sent.save(letter.key, { ...intent, ts, digest: letter.digest, at: now() });
    await box.shut.taken(letter.channel);
    return { ts };
  } catch (error) {
    return postFailed(box, letter, error);
  }
}

/** A message that stands in Slack, and that the store has forgotten; undefined where there is none. */
async function findForgotten(
  box: Delivering,
  letter: DigestedMessage,
): Promise<MessageDelivery | undefined> {
  const found = await findPosted(box, box.run, letter);
  if (found === 'ask later') return { againInMs: box.spacingMs };
  const { ts } = found;
  if (ts === undefined) return undefined;
  const record = { channel: letter.channel, since: box.now(), at: 0, ts };
  await box.sent.save(letter.key, record);
  return change(box, letter, record);
}

const threadOf = ({ threadTs = '', broadcast }: OutgoingMessage) =>
  broadcast === true
    ? { thread_ts: threadTs, reply_broadcast: true as const }
    : { thread_ts: threadTs };

/** What becomes of a post that perhaps happened; undefined once it is certain enough that it did not. */
async function settle(
  box: Delivering,
  letter: DigestedMessage,
  earlier: SentMessage,
): Promise<MessageDelivery | undefined> {
  const found = await findPosted(box, box.run, letter);
  if (found === 'ask later') return { againInMs: box.spacingMs };
  if (found.ts !== undefined) {
    const record = { ...earlier, ts: found.ts };
    await box.sent.save(letter.key, record);
    return change(box, letter, record);
  }
  const unsettledMs = earlier.at + box.settleMs - box.now();
  return unsettledMs > 0 ? { againInMs: Math.min(unsettledMs, 1000) } : undefined;
}

async function postFailed(
  box: Delivering,
  letter: DigestedMessage,
  error: unknown,
): Promise<MessageDelivery> {
  const { run, log, sent } = box;
  const setback = slackSetback(error);
  if (setback.is === 'unclear') {
    log.warn({ runId: run, key: letter.key, err: error }, 'a post may or may not have happened');
    return { againInMs: 1000 };
  }
  await sent.forget(letter.key);
  if (setback.is === 'limited') return hold(box, 'post', letter.channel, setback.retryAfterMs);
  if (isShutOut(setback.code)) return shutOut(box, letter.channel, setback.code);
  const plainer = plainerAfter(box, letter, setback.code);
  return plainer === undefined ? {} : post(box, plainer, undefined);
}

type Posted = SentMessage & { ts: string };

async function change(
  box: Delivering,
  letter: DigestedMessage,
  record: Posted,
): Promise<MessageDelivery> {
  const { sent, slack, now, spacingMs } = box;
  const { ts, channel } = record;
  const { digest } = letter;
  const isDoubted = record.at <= box.doubtedBeforeMs;
  if (letter.fixed || (record.digest === digest && !isDoubted)) return { ts };
  const wait = Math.max(
    heldFor(box, 'update'),
    box.shut.waitMs(channel),
    record.digest === undefined || letter.urgent === true
      ? 0
      : record.at + Math.max(spacingMs, letter.spacingMs ?? 0) - now(),
  );
  if (wait > 0) return { ts, againInMs: wait };
  try {
    await slack.chat.update({ channel, ts, ...contentOf(letter, box) });
    await sent.save(letter.key, { ...record, digest, at: now() });
    await box.shut.taken(channel);
    return { ts };
  } catch (error) {
    return changeFailed(box, letter, { record, error });
  }
}

async function changeFailed(
  box: Delivering,
  letter: DigestedMessage,
  { record, error }: { readonly record: Posted; readonly error: unknown },
): Promise<MessageDelivery> {
  const { run, log, sent, spacingMs } = box;
  const { ts, channel } = record;
  const setback = slackSetback(error);
  if (setback.is === 'limited')
    return { ts, ...(await hold(box, 'update', channel, setback.retryAfterMs)) };
  if (setback.is === 'unclear') {
    log.warn({ runId: run, key: letter.key, err: error }, 'a change may or may not have happened');
    return { ts, againInMs: spacingMs };
  }
  if (isShutOut(setback.code)) return { ts, ...(await shutOut(box, channel, setback.code)) };
  if (unchangeableCodes.has(setback.code)) {
    await sent.forget(letter.key);
    return post(box, letter, undefined);
  }
  const plainer = plainerAfter(box, letter, setback.code);
  return plainer === undefined ? {} : change(box, plainer, record);
}

const shutOut = async (
  { shut }: Delivering,
  channel: string,
  code: string,
): Promise<MessageDelivery> => ({ againInMs: await shut.refused(channel, code), shutOut: code });

/** The message in plain text, where Slack refused its blocks; undefined where nothing is left to try. */
function plainerAfter(
  { run, log }: Delivering,
  letter: DigestedMessage,
  code: string,
): DigestedMessage | undefined {
  const { key, channel } = letter;
  const hint = slackHint(code, channel);
  log.error({ runId: run, key, channel, code, hint }, 'slack refused a message');
  return isMalformedMessage(code) && letter.text !== letter.plain ? inPlainText(letter) : undefined;
}

const heldFor = ({ sent, now }: Delivering, method: string): number =>
  (sent.get(`hold ${method}`)?.at ?? 0) - now();

async function hold(
  { run, sent, log, now }: Delivering,
  method: string,
  channel: string,
  forMs: number,
): Promise<MessageDelivery> {
  await sent.save(`hold ${method}`, { channel, since: now(), at: now() + forMs });
  log.info({ from: 'slack', runId: run, method, forMs }, 'slack asked us to wait');
  return { againInMs: forMs };
}
