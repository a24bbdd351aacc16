import type { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { openQueue } from '../../jobs/redis/queues/open-queue.ts';
import { openWorker } from '../../jobs/redis/queues/open-worker.ts';
import { type RedisRefusal, isFromRedis, redisRefusalOf } from '../../jobs/redis/reach/refusals.ts';
import { type PrivateAnswer, type PrivateChannel, sendPrivately } from './answer.ts';
import { performPress } from './perform.ts';
import { type Seal, openedText, sealedText } from '../../jobs/redis/seal/seal.ts';
import { Press } from '../actions/press.ts';
import type { CloudDesk } from './desk.ts';

export interface PressQueue {
  /** Stores a press. Storing it again while it is known stores nothing. */
  readonly keep: (press: Press) => Promise<void>;
  /** Says that a press that was perhaps stored is not to be done, before a worker can read it on a Redis that comes back. */
  readonly withdraw: (press: Press) => Promise<void>;
  /** Whether this press is seen for the first time. */
  readonly isFirst: (press: Press) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const attempts = 4;
const dayS = 24 * 3600;
const withdrawnKey = (id: string): string => `hopscotch:press:${id}:withdrawn`;

/** A connection that fails at once when Redis is away: the person who pressed hears of it within Slack's three seconds. */
export function openPressQueue(redis: Redis, seal: Seal): PressQueue {
  const queue: Queue<KeptPress> = openQueue<KeptPress>('presses', redis);
  return {
    keep: async (press) => {
      const sealed = sealedText(seal, JSON.stringify(press), placeOfPress(press.id));
      await queue.add(
        'press',
        { id: press.id, sealed },
        {
          jobId: `press-${press.id}`,
          attempts,
          // As long as the record is there, another delivery of the same press is no new one.
          removeOnComplete: { age: dayS },
          removeOnFail: { age: dayS },
        },
      );
    },
    withdraw: async ({ id }) => {
      await redis.set(withdrawnKey(id), '1', 'EX', dayS);
    },
    isFirst: async ({ id }) =>
      (await redis.set(`hopscotch:press:${id}`, '1', 'EX', 3600, 'NX')) !== null,
    close: () => queue.close(),
  };
}

/** What a person typed may be secret, and a response_url lets whoever has it speak: neither stands in Redis as it is. */
interface KeptPress {
  readonly id: string;
  readonly sealed: string;
}

const placeOfPress = (id: string): string => `press ${id}`;

/** Throws where another key sealed it: then bots do not share one. */
const openedPress = ({ id, sealed }: KeptPress, seal: Seal): Press =>
  Press.parse(JSON.parse(openedText(seal, sealed, placeOfPress(id)) ?? ''));

export interface PressWorker extends PrivateChannel {
  readonly desk: CloudDesk;
  readonly log: Logger;
}

/** Does presses and answers them, several at a time: one that waits for Slack holds up no other. */
export function startPressWorker(
  worker: PressWorker,
  connection: Redis,
  seal: Seal,
): Worker<KeptPress | Press> {
  const { log } = worker;
  return openWorker<KeptPress | Press>(
    'presses',
    async ({ data, attemptsMade }) => {
      const press = 'sealed' in data ? openedPress(data, seal) : Press.parse(data);
      // Not as a delayed job: that would come due by the clock of whoever takes it.
      if (attemptsMade > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      // Whoever pressed was told that nothing is done.
      if ((await connection.exists(withdrawnKey(press.id))) === 1) return;
      await answerPress(worker, press, {
        isFirst: attemptsMade === 0,
        isLast: attemptsMade + 1 >= attempts,
      });
    },
    { connection, log, concurrency: 10 },
  );
}

/** Does one press and answers it. `isLast`: nobody tries again, so that a bug is answered too. `isFirst`: nobody tried before. */
export async function answerPress(
  worker: PressWorker,
  press: Press,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): Promise<void> {
  const { desk, log } = worker;
  // Slack takes five answers to a press in all.
  const aside = async (message: PrivateAnswer): Promise<unknown> =>
    isFirst && sendPrivately(worker, press, message);
  const answer = await performPress(press, desk, aside).catch((error: unknown): PrivateAnswer => {
    log.error({ err: error, press: press.id, user: press.user }, 'a press was not done');
    if (!isLast) throw error;
    const refusal = isFromRedis(error) ? redisRefusalOf(error) : undefined;
    if (refusal !== undefined) return { text: refusedByRedis(refusal) };
    return {
      text: `Something in Hopscotch itself went wrong (${press.id.slice(0, 8)}). Its log says more. Look at the run before you try again.`,
    };
  });
  const { text, blocks } = answer;
  await sendPrivately(worker, press, { text, ...(blocks && { blocks }) });
}

/** What a person is told whose press Redis did not take. */
export const refusedByRedis = ({ says, hint }: RedisRefusal): string =>
  `Hopscotch's Redis did not take this: ${says}. ${hint} Look at the run before you try again.`;
