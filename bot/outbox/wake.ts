import { randomUUID } from 'node:crypto';
import { isErrorNamed } from '../../handlers/contract/errors.ts';
import { releaseLockLua } from '../../jobs/redis/scripts/embedded.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import {
  type NeedHistory,
  type RunNeed,
  needsAfter,
  needsBefore,
} from '../../jobs/run/needs/needs.ts';
import type { Message } from '../views/blocks.ts';
import { reminderMessage, wakeMessage } from '../views/wake/wake-message.ts';
import { openAlarmLane } from './alarms.ts';
import { foldingOn } from './folding-on.ts';
import type { RunMessages } from './outbox.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { RunPublisher } from './publish.ts';

/** When people are reminded of what nobody has settled; after the last of them, again each hour. */
const remindAfterMin: readonly number[] = [5, 15, 30, 60];
const lockMs = 30_000;
/** What came up longer ago than this when a bot first sees it wakes nobody: the run is over, or it is an old log. */
const staleMs = 12 * 3_600_000;

type Waking = Pick<
  RunPublisher,
  'store' | 'outbox' | 'redis' | 'aboutCloud' | 'dates' | 'now' | 'log'
>;

const histories = foldingOn({ begin: needsBefore, next: needsAfter });

/**
 * Wakes those whom a run needs, ahead of all other posts: a message for each need, changed once it is settled, and reminders
 * until then. Answers after how many milliseconds to call again, where something is left to say.
 */
export async function wakePeople(waking: Waking, id: string): Promise<number | undefined> {
  const { redis } = waking;
  const history = histories(id, await readEvents(waking, id));
  if (history === undefined || history.needs.length === 0) return undefined;
  const key = `hopscotch:run:${id}:waking`;
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', lockMs, 'NX')) === null) return 250;
  try {
    return await wakeAlone(waking, history);
  } finally {
    await redis.eval(releaseLockLua, 1, key, token);
  }
}

/** A broken log is said by the card, and nothing is read from it any more. */
async function readEvents({ store }: Waking, id: string): Promise<readonly RunEvent[]> {
  try {
    return await store.events(id);
  } catch (error) {
    if (isErrorNamed(error, 'BrokenLog')) return [];
    throw error;
  }
}

async function wakeAlone(waking: Waking, { run, needs }: NeedHistory): Promise<number | undefined> {
  const { outbox, redis, now } = waking;
  const restarted = run.restarted === undefined ? 0 : Date.parse(run.restarted.at);
  const box = await outbox.open(run.id, restarted);
  // What waits for a Slack that takes nothing here must not hold up what goes elsewhere.
  const shutOutMs = box.shutOutMs(run.plan.channel);
  if (shutOutMs > 0) return shutOutMs;
  const said = needs.filter((need) => isSaid(need, box, now()));
  const lane = openAlarmLane(redis, now);
  const isNew = (need: RunNeed): boolean =>
    need.settled === undefined &&
    (need.kind === 'approval'
      ? !box.has(need.key)
      : isSaid(need, box, now()) && !box.has(wakeKey(need.key)));
  await (needs.some(isNew) ? lane.wait(run.id) : lane.done(run.id));
  if (said.length === 0) return undefined;
  const known = await waking.aboutCloud(run.plan.cloud);
  const look = {
    people: known?.cloud.access ?? run.access ?? { engineers: [], approvers: [] },
    card: await box.linkTo('card', run.plan.channel),
    dates: waking.dates,
  };
  const again: number[] = [];
  for (const need of said) {
    const letter = letterOf(run.plan.channel, wakeKey(need.key), wakeMessage(need, look));
    const { ts, againInMs } = await box.deliver(letter);
    if (againInMs !== undefined) again.push(againInMs);
    if (ts !== undefined && need.settled === undefined) await remind(waking, box, { need, ts });
  }
  if (again.length === 0) await lane.done(run.id);
  return again.length === 0 ? undefined : Math.min(...again);
}

/** A request for approval is a message of its own that mentions the approvers. */
function isSaid(need: RunNeed, box: RunMessages, nowMs: number): boolean {
  if (need.kind === 'approval') return false;
  if (box.knows(wakeKey(need.key))) return true;
  return need.settled === undefined && nowMs - Date.parse(need.at) < staleMs;
}

const wakeKey = (need: string): string => `wake.${need}`;

/** Only the latest that is due: after a Slack that was away nobody wants all of them. */
async function remind(
  { now }: Waking,
  box: RunMessages,
  { need, ts }: { readonly need: RunNeed; readonly ts: string },
): Promise<void> {
  if (need.kind === 'ended') return;
  const waitedMin = (now() - Date.parse(need.at)) / 60_000;
  const hourly = Math.floor(waitedMin / 60);
  const due = waitedMin >= 120 ? hourly * 60 : remindAfterMin.findLast((min) => min <= waitedMin);
  if (due === undefined) return;
  const key = `${wakeKey(need.key)}.again.${Date.parse(need.at)}.${due}`;
  if (box.has(key)) return;
  const message = reminderMessage(need, new Date(now()).toISOString());
  await box.deliver({
    ...letterOf(need.run.plan.channel, key, message),
    threadTs: ts,
    broadcast: true,
    fixed: true,
  });
}

const letterOf = (channel: string, key: string, { text, blocks }: Message): OutgoingMessage => ({
  key,
  channel,
  text,
  blocks,
  plain: text.slice(0, 2000),
  urgent: true,
  isAlarm: true,
});
