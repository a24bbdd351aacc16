import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { OperatorError, isErrorNamed } from '../../handlers/contract/errors.ts';
import { releaseLockLua, renewLockLua } from '../../jobs/redis/scripts/embedded.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { plannableFixes } from '../../openstack/repair/fixes.ts';
import type { RecogniseFailure } from '../../openstack/repair/signature.ts';
import { failedStep } from '../../jobs/run/fixes.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { LearnedTimes } from '../../jobs/redis/times/run-times-store.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import { openAlarmLane } from './alarms.ts';
import { foldingOn } from './folding-on.ts';
import { type GateHistory, requestsAfter, requestsBefore } from './gate-requests.ts';
import type { RunMessages, Outbox } from './outbox.ts';
import { errorAnswer } from '../views/answers.ts';
import { type WordsPlace, approvalMessage } from '../views/plan/approval.ts';
import { requestState } from '../views/plan/approval-state.ts';
import {
  approvalFile,
  approvalReading,
  approvalWordMessages,
} from '../views/plan/approval-thread.ts';
import type { KnownCloud } from '../views/reading/plan-summary.ts';
import type { Message } from '../views/blocks.ts';
import { runCard } from '../views/card/run-card.ts';
import type { DateStyle } from '../views/text.ts';
import {
  type RunThread,
  type ThreadLine,
  linesOfThread,
  threadAfter,
  threadBefore,
} from '../views/thread/thread.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

export interface RunPublisher {
  readonly store: Pick<RunStore, 'events' | 'intact' | 'load' | 'recent' | 'active'>;
  readonly outbox: Outbox;
  /** For the lock that lets one process at a time publish a run. */
  readonly redis: Redis;
  /** A cloud by its file as it is now; undefined where that can't be read, and then nobody may approve. */
  readonly aboutCloud: (name: string) => Promise<KnownCloud | undefined>;
  readonly dates: DateStyle;
  /** Unset: nothing is known about failures. */
  readonly recognise?: RecogniseFailure;
  /** Unset: nothing is known of how long things took. */
  readonly times?: LearnedTimes;
  /** As the desk's. Unset: nobody looks for workers. */
  readonly noWorkerSince?: (from: string) => Promise<string | undefined>;
  readonly now: () => number;
  readonly log: Logger;
}

/** Slack takes about one message a second in a channel; the rest waits for the next round. */
const linesARound = 3;
const roundMs = 20_000;
/** A bot that dies holds up the messages of a run for so long. */
const usualLockMs = 10_000;

/**
 * Brings a run's messages in Slack up to date: its card, its approvals, its thread. Answers after how many milliseconds
 * to call again, where something is left to do.
 */
export async function publishRun(
  publisher: RunPublisher,
  id: string,
  lockMs = usualLockMs,
): Promise<number | undefined> {
  const { redis } = publisher;
  const key = `hopscotch:run:${id}:publishing`;
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', lockMs, 'NX')) === null) return 1000;
  const renewing = setInterval(() => {
    redis.eval(renewLockLua, 1, key, token, lockMs).catch(() => {});
  }, lockMs / 4);
  try {
    const { againInMs, isShutOut } = await publishAlone(publisher, id);
    if (isShutOut || againInMs === undefined) await publisher.outbox.owes(id, isShutOut);
    return againInMs;
  } finally {
    clearInterval(renewing);
    await redis.eval(releaseLockLua, 1, key, token);
  }
}

const threads = new WeakMap<RunPublisher, ReturnType<typeof foldingOn<RunThread>>>();

/** What the thread says, in the looks of this publisher. */
function threadOf(
  publisher: RunPublisher,
  id: string,
  events: readonly RunEvent[],
): RunThread | undefined {
  const known = threads.get(publisher);
  const fold =
    known ??
    foldingOn<RunThread>({
      begin: threadBefore,
      next: (thread, event) => threadAfter(thread, event, publisher),
    });
  if (known === undefined) threads.set(publisher, fold);
  return fold(id, events);
}

const gateHistories = foldingOn({ begin: requestsBefore, next: requestsAfter });

/** What is left to do after a round. */
interface RoundLeft {
  readonly againInMs: number | undefined;
  /** Slack takes nothing in the run's channel. */
  readonly isShutOut: boolean;
}

async function publishAlone(publisher: RunPublisher, id: string): Promise<RoundLeft> {
  const { outbox, now } = publisher;
  const { events, broken } = await readLog(publisher, id);
  const history = gateHistories(id, events);
  // Without its first event a run has no channel to say anything in.
  if (history === undefined) return { againInMs: undefined, isShutOut: false };
  const { run, requests } = history;
  const { channel } = run.plan;
  const restarted = run.restarted === undefined ? 0 : Date.parse(run.restarted.at);
  const box = await outbox.open(id, restarted);
  const again: number[] = [];
  const left = (): RoundLeft => {
    const shutOutMs = box.shutOutMs(channel);
    const againInMs = again.length === 0 ? undefined : Math.min(...again);
    return shutOutMs > 0
      ? { againInMs: shutOutMs, isShutOut: true }
      : { againInMs, isShutOut: false };
  };
  if (box.shutOutMs(channel) > 0) return left();
  const stopAt = now() + roundMs;
  const deliver = async (letter: OutgoingMessage): Promise<string | undefined> => {
    const { ts, againInMs } = now() > stopAt ? { againInMs: 100 } : await box.deliver(letter);
    if (againInMs !== undefined) again.push(againInMs);
    return ts;
  };

  if (broken !== undefined) {
    await deliver({ ...letterOf(run, errorAnswer(broken)), key: 'card' });
    return left();
  }
  const card = await cardOf(publisher, run);
  const isUrgent = isNewsSince(events, box.saidAtMs('card') ?? 0);
  const cardTs = await deliver({
    ...letterOf(run, card),
    key: 'card',
    urgent: isUrgent,
  });
  await deliverApprovals(publisher, {
    run,
    requests,
    isUrgent,
    box,
    deliver,
    again: (ms) => again.push(ms),
  });
  if (cardTs !== undefined) {
    const thread = threadOf(publisher, id, events);
    const lines = thread === undefined ? [] : linesOfThread(thread, publisher);
    const fresh = lines.filter(({ key }) => !box.has(lineKey(key)));
    for (const line of lines) {
      if (fresh.indexOf(line) >= linesARound) continue;
      await deliver({ ...threadLetter(run, line), threadTs: cardTs });
    }
    if (fresh.length > linesARound) again.push(linesARound * 1000);
  }
  return left();
}

/** Whether a person did something, was asked for something, or it ended: nobody waits to see that. */
export const isNews = (event: RunEvent): boolean =>
  'by' in event || event.type === 'ApprovalRequested' || event.type === 'RunEnded';

/** An event is stored a moment after the time that it bears. */
const storingMs = 300;

function isNewsSince(events: readonly RunEvent[], sinceMs: number): boolean {
  const last = events.findLast(isNews);
  return last !== undefined && Date.parse(last.at) >= sinceMs - storingMs;
}

async function cardOf(publisher: RunPublisher, run: Run): Promise<Message> {
  const recognise = await recogniserFor(publisher, run);
  const noWorkerSince = await publisher.noWorkerSince?.(run.requestedAt);
  const times = await publisher.times?.of(run.plan.cloud);
  const at = new Date(publisher.now()).toISOString();
  if (run.ended !== undefined) await publisher.times?.learn(run);
  return runCard(run, at, publisher.dates, recognise, noWorkerSince, times);
}

/** A fix that can't be planned as the cloud's file is now gets no button. */
async function recogniserFor(
  { recognise, aboutCloud }: RunPublisher,
  run: Run,
): Promise<RecogniseFailure | undefined> {
  if (recognise === undefined || failedStep(run) === undefined) return recognise;
  const place = await aboutCloud(run.plan.cloud);
  return place === undefined ? recognise : plannableFixes(recognise, place, run);
}

interface Round {
  readonly run: Run;
  readonly requests: GateHistory['requests'];
  /** Something happened that is shown at once. */
  readonly isUrgent: boolean;
  readonly box: RunMessages;
  readonly deliver: (letter: OutgoingMessage) => Promise<string | undefined>;
  /** Asks for another round, in so many milliseconds. */
  readonly again: (inMs: number) => void;
}

async function deliverApprovals(
  { aboutCloud, dates, redis, now }: RunPublisher,
  { run, requests, isUrgent, box, deliver, again }: Round,
): Promise<void> {
  const known = await aboutCloud(run.plan.cloud);
  const approvers = known?.cloud.access.approvers ?? [];
  for (const { gate, key, request, state, isOver } of requests) {
    if (isOver && !box.knows(key)) continue;
    const say = (words: WordsPlace, urgent: boolean): Promise<string | undefined> => {
      const look = { approvers, request, dates, known, words };
      const message = approvalMessage(state, gate, look);
      return deliver({ ...letterOf(run, message), key, urgent, isAlarm: true });
    };
    const before = box.wordsSeen(key);
    const isNew = !box.has(key);
    const threadTs = await say(before, isUrgent);
    // It was the alarm itself: what people read below it need not wait any more.
    if (isNew && threadTs !== undefined) await openAlarmLane(redis, now).done(run.id);
    const isOpen = !isOver && requestState(state, gate, request).is === 'open';
    if (threadTs === undefined || !isOpen) continue;
    const { words, againInMs } = await box.deliverWords({
      key,
      channel: run.plan.channel,
      threadTs,
      reading: () => approvalReading(state, gate, known),
      file: () => approvalFile(state, gate, request),
      messages: () => approvalWordMessages(state, gate),
    });
    if (againInMs !== undefined) again(againInMs);
    if (words.in !== before.in) await say(words, true);
  }
}

/** A log that somebody changed is said where everybody looks; its run is not drawn from it any more. */
async function readLog(
  { store, log }: RunPublisher,
  id: string,
): Promise<{ events: readonly RunEvent[]; broken?: OperatorError }> {
  try {
    return { events: await store.events(id) };
  } catch (error) {
    if (!isErrorNamed(error, 'BrokenLog')) throw error;
    log.error({ runId: id, err: error }, 'the log of a run is broken');
    return { events: await store.intact(id), broken: error };
  }
}

const letterOf = (run: Run, { text, blocks }: Message): Omit<OutgoingMessage, 'key'> => ({
  channel: run.plan.channel,
  text,
  blocks,
  plain: `${text.slice(0, 2000)}\nMore: \`/upgrade status ${run.id}\`. What can be done: \`/upgrade help\``,
});

const lineKey = (key: string): string => `line.${key}`;

/** A stage changes with each host, and Slack takes some fifty changes a minute for all runs. */
const stageSpacingMs = 10_000;

const threadLetter = (run: Run, line: ThreadLine): OutgoingMessage => ({
  ...letterOf(run, line),
  key: lineKey(line.key),
  ...(line.changes === 'never' && { fixed: true }),
  ...(line.changes === 'often' && { spacingMs: stageSpacingMs }),
});
