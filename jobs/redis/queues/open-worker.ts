import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import { lockMs, queuePrefix } from '../leases/job-locks.ts';
import { jobsInHand } from '../leases/jobs-in-hand.ts';
import { sayRefusal } from '../reach/connection.ts';
import type { QueueName } from './open-queue.ts';

/**
 * A worker whose job is given to another within seconds when its process dies. A job that is run again follows what it
 * started before, so it may be given back any number of times.
 */
export function openWorker<T>(
  name: QueueName,
  processor: Processor<T>,
  {
    connection,
    log,
    ...options
  }: { connection: Redis; log: Logger } & Pick<WorkerOptions, 'concurrency' | 'autorun'>,
): Worker<T> {
  // BullMQ counts the parameters: one that does not name the signal is never told that its lock is lost.
  const guarded: Processor<T> = async (job, token, signal) => {
    const inHand = jobsInHand(worker.id);
    const { id = '' } = job;
    inHand.add(id);
    return processor(job, token, signal)
      .catch(withoutSecrets)
      .finally(() => inHand.delete(id));
  };
  const worker = new PatientWorker<T>(name, guarded, {
    ...options,
    connection,
    prefix: queuePrefix,
    // Beside BullMQ, which renews it from the event loop, a thread does (`leases/keep-locks.ts`): this one notices what was lost.
    lockDuration: lockMs,
    stalledInterval: 1000,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('error', (error) => sayRefusal(log, error, { queue: name }));
  worker.on('failed', (job, error) =>
    log.warn({ err: error, queue: name, job: job?.id }, 'job ended early'),
  );
  return worker;
}

/** BullMQ keeps the message of an error with its job. */
function withoutSecrets(error: unknown): never {
  if (error instanceof Error) {
    error.message = maskSecrets(error.message);
    error.stack = maskSecrets(error.stack ?? '');
  }
  throw error;
}

/** Waits between two attempts to take a job that Redis refused: BullMQ alone would ask thousands of times a second. */
class PatientWorker<T> extends Worker<T> {
  #pauseMs = 0;

  protected override async moveToActive(token: string, name?: string): Promise<Job<T>> {
    try {
      const job = await super.moveToActive(token, name);
      this.#pauseMs = 0;
      return job;
    } catch (error) {
      this.#pauseMs = Math.min(Math.max(200, this.#pauseMs * 2), 3000);
      // Not longer than a drain may take.
      if (this.closing === undefined) await this.delay(this.#pauseMs);
      throw error;
    }
  }
}
