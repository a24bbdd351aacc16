import type { Message, TextFile } from '../views/blocks.ts';
import type { WordsPlace } from '../views/plan/approval.ts';
import { type Delivering, deliver } from './deliver.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { isShutOutOfAll } from './slack-errors.ts';
import { deliverFile } from './thread-file.ts';
import { type ThreadSight, lookAtThread } from './thread-sight.ts';

/** What has to stand below a request for approval before anybody can approve. Drawn only where it is needed. */
export interface ApprovalWords {
  /** Of the request's own message. */
  readonly key: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly reading: () => readonly Message[];
  readonly file: () => TextFile;
  /** Instead of the file, where Slack takes none. */
  readonly messages: () => readonly Message[];
}

export interface WordsDelivery {
  readonly words: WordsPlace;
  readonly againInMs?: number;
}

/** How long what was seen counts as standing there: until the next look, and for a press. */
const lookAgainMs = 30_000;
const freshMs = 10_000;

const standsKey = (key: string): string => `${key}.stands`;
const fileKey = (key: string): string => `${key}.file`;

/** Where the words of a request stood when they were last seen. */
export function wordsSeen({ sent }: Pick<Delivering, 'sent'>, key: string): WordsPlace {
  const stands = sent.get(standsKey(key));
  if (stands?.ts === undefined)
    return { in: stands === undefined ? 'nowhere yet' : 'nowhere any more' };
  return stands.refused === undefined ? { in: 'a file' } : { in: 'messages', why: stands.refused };
}

/** Puts the reading and the exact words into the thread, and sees whether they stand there. */
export async function deliverWords(box: Delivering, words: ApprovalWords): Promise<WordsDelivery> {
  const { sent, now } = box;
  const { key } = words;
  await leaveOldThread(box, words);
  const stands = sent.get(standsKey(key));
  if (stands?.ts === words.threadTs && now() - stands.at < lookAgainMs)
    return { words: wordsSeen(box, key) };
  const wasWhole = stands?.ts === words.threadTs;
  const delivery = wasWhole ? 'whole' : await deliverAll(box, words);
  if (typeof delivery === 'number') return { words: wordsSeen(box, key), againInMs: delivery };
  const sight = await lookAtThread(box.slack, words);
  // What was seen half a minute ago counts on while Slack does not say; a press looks for itself.
  if (sight.is === 'unknown') {
    const againInMs = isShutOutOfAll(sight.why)
      ? await box.shut.refused(words.channel, sight.why)
      : 3000;
    return { words: wordsSeen(box, key), againInMs };
  }
  const missing = missingKeys(box, words.key, sight);
  if (missing.length === 0) {
    const refused = sent.get(fileKey(key))?.refused;
    const since = wasWhole ? stands.since : now();
    await sent.save(standsKey(key), {
      channel: words.channel,
      since,
      at: now(),
      ts: words.threadTs,
      ...(refused === undefined ? {} : { refused }),
    });
    return { words: wordsSeen(box, key) };
  }
  if (stands !== undefined) await noLongerStands(box, words);
  const waitMs = await forgetLost(box, missing);
  return { words: wordsSeen(box, key), againInMs: waitMs };
}

/** Why nobody can approve now: what would be approved can't be read. Undefined where it can. */
export async function whyUnreadable(
  box: Pick<Delivering, 'sent' | 'slack' | 'now'>,
  key: string,
): Promise<string | undefined> {
  const stands = box.sent.get(standsKey(key));
  const head = box.sent.get(key);
  if (stands?.ts === undefined || head?.ts !== stands.ts)
    return 'the exact words of what it asks for are not in its thread yet';
  if (box.now() - stands.at < freshMs) return undefined;
  const sight = await lookAtThread(box.slack, { channel: stands.channel, threadTs: stands.ts });
  if (sight.is === 'unknown')
    return `Slack does not say whether what would be approved can be read (${sight.why})`;
  return missingKeys(box, key, sight).length === 0
    ? undefined
    : 'the exact words of what it asks for are gone from its thread';
}

const noLongerStands = (
  { sent, now }: Delivering,
  { key, channel }: ApprovalWords,
): Promise<void> => sent.save(standsKey(key), { channel, since: now(), at: now() });

/** A request that was deleted and posted anew has a new thread: nothing of the old one counts. */
async function leaveOldThread(box: Delivering, words: ApprovalWords): Promise<void> {
  const { sent } = box;
  const { ts } = sent.get(standsKey(words.key)) ?? {};
  if (ts === undefined || ts === words.threadTs) return;
  await noLongerStands(box, words);
  for (const one of sent.keys())
    if (one.startsWith(`${words.key}.`) && one !== standsKey(words.key)) await sent.forget(one);
}

/** `whole`, or in how many milliseconds to go on. */
async function deliverAll(box: Delivering, words: ApprovalWords): Promise<'whole' | number> {
  const { key, channel, threadTs } = words;
  const letters = (name: string, all: readonly Message[]): OutgoingMessage[] =>
    all.map(({ text, blocks }, index) => ({
      key: `${key}.${name}.${index}`,
      channel,
      text,
      blocks,
      plain: text.slice(0, 2000),
      threadTs,
      fixed: true,
    }));
  const waits: number[] = [];
  const post = async (all: readonly OutgoingMessage[]): Promise<void> => {
    for (const letter of all) {
      const { ts, againInMs } = await deliver(box, letter);
      if (ts === undefined) waits.push(againInMs ?? 10_000);
      if (waits.length > 0) return;
    }
  };
  await post(letters('reading', words.reading()));
  if (waits.length === 0) {
    const taken = await deliverFile(box, {
      key: fileKey(key),
      channel,
      threadTs,
      file: words.file(),
    });
    if (taken.is === 'later') waits.push(taken.againInMs);
    if (taken.is === 'refused') await post(letters('words', words.messages()));
  }
  return waits[0] ?? 'whole';
}

/** Keys of what was posted below a request and is not there. */
function missingKeys(
  { sent }: Pick<Delivering, 'sent'>,
  key: string,
  { messages, files }: Extract<ThreadSight, { is: 'seen' }>,
): string[] {
  return sent.keys().filter((one) => {
    if (!one.startsWith(`${key}.`) || one === standsKey(key)) return false;
    const { ts, file, refused } = sent.get(one) ?? {};
    if (refused !== undefined) return false;
    return file === undefined ? ts === undefined || !messages.has(ts) : !files.has(file);
  });
}

/** What may still turn up is waited for; the rest is posted again. Answers in how many milliseconds to look again. */
async function forgetLost(
  { sent, now, settleMs }: Delivering,
  keys: readonly string[],
): Promise<number> {
  const waits = keys.map((key) => (sent.get(key)?.at ?? 0) + settleMs - now());
  for (const [index, key] of keys.entries()) if ((waits[index] ?? 0) <= 0) await sent.forget(key);
  return Math.max(100, Math.min(1000, ...waits));
}
