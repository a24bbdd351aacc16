import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Queue } from 'bullmq';
import { type Queues, type StepJob, openQueues } from '../../jobs/redis/queue.ts';
import { openQueue } from '../../jobs/redis/queues/open-queue.ts';
import { work } from '../support/runs/events.ts';
import { eventually } from '../support/eventually.ts';
import { type TestRedis, startTestRedis } from '../support/servers/redis.ts';
import { type SpeakingProcess, startScript } from '../support/processes/worker-process.ts';

// Each starts a supervisor and two or three workers of its own: on a loaded machine a start takes ten seconds.
jest.setTimeout(120_000);

let redis: TestRedis;
let queues: Queues;
let steps: Queue<StepJob>;
let supervisor: SpeakingProcess;

const start = (drains?: 'never'): void => {
  supervisor = startScript('supervisor-process', {
    redisUrl: redis.url,
    queue: 'steps',
    ...(drains === undefined ? {} : { drains }),
  });
};

beforeEach(async () => {
  redis = await startTestRedis();
  queues = openQueues(redis.connect());
  steps = openQueue('steps', redis.connect());
});

afterEach(async () => {
  supervisor.kill('SIGTERM');
  await supervisor.exited;
  await Promise.all([queues.close(), steps.close()]);
  await redis.stop();
});

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a supervised process', () => {
  it('is started again after kill -9, and its jobs wait for another at once', async () => {
    start();
    const [pid] = await supervisor.hear('worker');
    await queues.step('aaa', { do: 'start', work: work('restart') });
    const [job] = await supervisor.hear('took');

    process.kill(Number(pid), 'SIGKILL');

    // Nobody else is there yet who could have found the job stalled.
    await eventually(async () => (await steps.getWaitingCount()) === 1);
    const [next] = await supervisor.hear('worker');
    expect(next).not.toBe(pid);
    expect(await supervisor.hear('took')).toEqual([job]);
  });

  it('ends in good order on stop, and is not started again', async () => {
    start();
    const [pid] = await supervisor.hear('worker');

    supervisor.kill('SIGTERM');

    await supervisor.hear('draining');
    await supervisor.hear('stopped');
    await supervisor.exited;
    expect(isThere(Number(pid))).toBe(false);
  });

  it('is ended by force when it does not drain, and its jobs are given back', async () => {
    start('never');
    const [pid] = await supervisor.hear('worker');
    await queues.step('aaa', { do: 'start', work: work('restart') });
    await supervisor.hear('took');

    supervisor.kill('SIGTERM');

    await supervisor.hear('stopped');
    expect(isThere(Number(pid))).toBe(false);
    expect(await steps.getWaitingCount()).toBe(1);
  });

  it('ends although Redis is frozen', async () => {
    start('never');
    await supervisor.hear('worker');
    redis.pause();

    supervisor.kill('SIGTERM');

    await supervisor.hear('stopped');
    redis.resume();
  });

  it('is not started again when it is stopped while it is away', async () => {
    start();
    const [pid] = await supervisor.hear('worker');
    process.kill(Number(pid), 'SIGKILL');
    await eventually(() => !isThere(Number(pid)));

    supervisor.kill('SIGTERM');

    await supervisor.hear('stopped');
    await supervisor.exited;
    await expect(supervisor.hear('worker')).rejects.toThrow('ended without saying worker');
  });
});
