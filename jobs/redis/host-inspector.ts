import { type Job, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { OperatorError } from '../../handlers/contract/errors.ts';
import {
  type InspectAnswer,
  type InspectRequest,
  dropAnswer,
  keptAnswer,
  sealedInspection,
} from './inspect-request.ts';
import type { Seal } from './seal/seal.ts';
import type { InspectJob } from './queue.ts';
import { openQueue } from './queues/open-queue.ts';
import { queuePrefix } from './leases/job-locks.ts';
import { within } from './reach/within.ts';

/** Asks workers to look at hosts, and waits for what they saw. */
export interface HostInspector {
  /**
   * `id` makes asking again the same question, but for an answer that is wanted `once` and then goes. Throws an OperatorError: `NoWorker` when nobody took the question,
   * `InspectionTooLong` when a worker took it and gave no answer in time, `InspectionFailed` when it ended with an error, and
   * `QueueSilent` when Redis does not say.
   */
  readonly look: (
    id: string,
    request: InspectRequest,
    how?: { readonly once: boolean },
  ) => Promise<InspectAnswer>;
  readonly close: () => Promise<void>;
}

/** `connect` opens one more connection to Redis: waiting for an answer blocks it. */
export function openHostInspector(
  connect: () => Redis,
  { seal, timeoutMs = 120_000 }: { readonly seal: Seal; readonly timeoutMs?: number },
): HostInspector {
  const redis = connect();
  const steps = openQueue<InspectJob>('steps', redis);
  const listening = listeningOnDemand(async () => {
    // It makes a connection of its own like this one, and begins to read some time after it is ready: nothing is missed until then.
    const lastEventId = await lastEvent(redis);
    const events = new QueueEvents('steps', {
      connection: redis,
      prefix: queuePrefix,
      lastEventId,
    });
    events.on('error', () => {});
    return events;
  });
  return {
    look: async (id, request, { once } = { once: false }) => {
      const data: InspectJob = { do: 'look', id, request: sealedInspection(seal, id, request) };
      const kept = { age: 300 };
      await listening.during(async (events) => {
        const job = await steps.add('look', data, {
          jobId: `look-${id}`,
          removeOnComplete: kept,
          removeOnFail: kept,
        });
        await events.waitUntilReady();
        await job.waitUntilFinished(events, timeoutMs).catch(async (error: unknown) => {
          throw await whyNot(job, timeoutMs, error);
        });
      });
      const answer = await keptAnswer({ redis, seal }, id);
      if (once) await dropAnswer(redis, id);
      if (answer !== undefined) return answer;
      throw inspectionError('InspectionFailed', undefined, {
        why: "the worker's answer makes no sense",
        hint: 'Bot and workers have to be of one version: start them again.',
      });
    },
    close: async () => {
      await Promise.all([steps.close(), listening.close()]);
    },
  };
}

/** The last thing that happened to any step, where BullMQ keeps that. */
async function lastEvent(redis: Redis): Promise<string> {
  const [last] = await redis.xrevrange(`${queuePrefix}:steps:events`, '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

/** How long nobody has to wait for an answer until nobody listens. */
const idleMs = 10_000;

/** All that happens to any step would be heard, and taken apart, in the process that answers people. */
function listeningOnDemand(open: () => Promise<QueueEvents>) {
  let listener: Promise<QueueEvents> | undefined;
  let waiting = 0;
  let idle: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const last = listener;
    listener = undefined;
    await (await last)?.close();
  };
  return {
    close,
    during: async <T>(work: (events: QueueEvents) => Promise<T>): Promise<T> => {
      clearTimeout(idle);
      waiting += 1;
      listener ??= open();
      const mine = listener;
      try {
        return await work(
          await mine.catch((error: unknown) => {
            if (listener === mine) listener = undefined;
            throw error;
          }),
        );
      } finally {
        waiting -= 1;
        if (waiting === 0) idle = setTimeout(() => void close().catch(() => {}), idleMs).unref();
      }
    },
  };
}

async function whyNot(job: Job, timeoutMs: number, error: unknown): Promise<OperatorError> {
  let state;
  try {
    state = await within(Math.min(timeoutMs, 5000), job.getState());
  } catch (cause) {
    return inspectionError('QueueSilent', cause, {
      why: 'Redis does not answer',
      hint: 'See that Redis runs, then try again.',
    });
  }
  if (state === 'failed')
    return inspectionError('InspectionFailed', error, {
      why: `the worker stopped: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'The log of the worker says more. Try again; if it stays so, report it with that log.',
    });
  if (state === 'active' || state === 'completed')
    return inspectionError('InspectionTooLong', error, {
      why: `a worker took it up, and there was no answer within ${timeoutMs / 1000} s`,
      hint: 'Try again. If it stays so, see how busy the machine of the worker is.',
    });
  return inspectionError('NoWorker', error, {
    why: 'no worker took it up',
    hint: 'See whether a worker runs (npm run worker), then try again.',
  });
}

const inspectionError = (
  name: 'InspectionFailed' | 'InspectionTooLong' | 'NoWorker' | 'QueueSilent',
  cause: unknown,
  { why, hint }: { readonly why: string; readonly hint: string },
): OperatorError =>
  new OperatorError(`inspecting the hosts: ${why}`, { name, hint, cause, disposition: 'retry' });
