import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job, Processor, Worker } from 'bullmq';
import { pino } from 'pino';
import { type QueueName, openQueue } from '../../../jobs/redis/queues/open-queue.ts';
import { type Queues, type RunJob, type StepJob, openQueues } from '../../../jobs/redis/queue.ts';
import { giveBackJobs } from '../../../jobs/redis/queues/give-back.ts';
import { openWorker } from '../../../jobs/redis/queues/open-worker.ts';
import { work } from '../../support/runs/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type WorkerChild, startWorkerProcess } from '../../support/processes/worker-process.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

const log = pino({ level: 'silent' });
let redis: TestRedis;
let queues: Queues;
let workers: Worker[];
let children: WorkerChild[];

beforeEach(async () => {
  redis = await startTestRedis();
  queues = openQueues(redis.connect());
  [workers, children] = [[], []];
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill9()));
  await Promise.all(workers.map((worker) => worker.close(true)));
  await queues.close();
  await redis.stop();
});

function serve<T>(name: QueueName, processor: Processor<T>): Worker<T> {
  const worker = openWorker<T>(name, processor, {
    connection: redis.connect(),
    log,
    concurrency: 10,
  });
  workers.push(worker);
  return worker;
}

const ids = async (name: QueueName): Promise<(string | undefined)[]> => {
  const queue = openQueue(name, redis.connect());
  const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'completed', 'failed']);
  await queue.close();
  return jobs.map((job) => job.id);
};

/** Something that a test lets go of when it likes. */
function latch(): { readonly open: () => void; readonly isOpen: Promise<unknown> } {
  const opener = new AbortController();
  return { open: () => opener.abort(), isOpen: once(opener.signal, 'abort') };
}

const start = (step = 'restart', host = 'ctl1') =>
  ({ do: 'start', work: work(step, host) }) as const;

const ask = async (): Promise<void> => {
  await queues.step('aaa', start());
  await queues.decide({ id: 'aaa', version: 3 });
  await queues.card('aaa');
};

const ended = (worker: Worker): Promise<unknown> =>
  new Promise((resolve) => {
    worker.once('completed', resolve);
    worker.once('failed', resolve);
  });

describe('a worker that has lost its lock', () => {
  it('is told', async () => {
    await ask();
    const [begun, told] = [latch(), latch()];
    const taken: string[] = [];
    const worker = serve('steps', async ({ id = '' }, _token, signal) => {
      if (signal === undefined) throw new Error('nothing tells it');
      taken.push(id);
      begun.open();
      await once(signal, 'abort');
      told.open();
    });
    await begun.isOpen;

    expect(worker.cancelJob(taken[0] ?? '', 'lock lost')).toBe(true);

    await told.isOpen;
  });
});

describe('asking twice', () => {
  it('is asking once, for the same state, the same work and the same messages', async () => {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        await queues.decide({ id: 'aaa', version: 3 });
        await queues.decideAgain('aaa');
        await queues.step('aaa', start());
        await queues.step('aaa', { do: 'check', host: 'ctl1' });
        await queues.card('aaa');
      }),
    );

    expect((await ids('runs')).length).toBe(2);
    expect((await ids('steps')).length).toBe(2);
    expect((await ids('cards')).length).toBe(1);
  });

  it('is asking twice, for another state, run, work or direction', async () => {
    await queues.decide({ id: 'aaa', version: 3 });
    await queues.decide({ id: 'aaa', version: 4 });
    await queues.decide({ id: 'bbb', version: 3 });
    await queues.card('aaa');
    await queues.card('bbb');
    const works = [
      start(),
      { ...start(), do: 'stop' } as const,
      start('restart', 'cmp1'),
      { do: 'start', work: work('restart', 'ctl1', { attempt: 2 }) } as const,
      { do: 'start', work: work('restart', 'ctl1', { phase: 'undo' }) } as const,
      // Dashes belong to names: these four are four.
      start('drain-cmp', 'a1-x'),
      start('drain', 'cmp-a1-x'),
      start('drain-cmp-a1', 'x'),
      start('drain', 'cmp-a1.x'),
    ];
    for (const decision of works) await queues.step('aaa', decision);

    expect((await ids('runs')).length).toBe(3);
    expect((await ids('cards')).length).toBe(2);
    expect((await ids('steps')).length).toBe(works.length);
  });

  for (const [ending, processor] of Object.entries({
    completed: async () => {},
    failed: async () => {
      throw new Error('the host burned down');
    },
  })) {
    it(`is possible again once the first has ${ending}`, async () => {
      const seen: (string | undefined)[] = [];
      const note = async (job: Job): Promise<void> => {
        seen.push(job.id);
        await processor();
      };
      const [steps, runs, cards] = [
        serve<StepJob>('steps', note),
        serve<RunJob>('runs', note),
        serve<RunJob>('cards', note),
      ];
      const done = [steps, runs, cards].map((worker) => ended(worker));
      await ask();
      await Promise.all(done);
      const count = (id: string): number => seen.filter((one) => one === id).length;
      expect(seen.length).toBe(3);

      await ask();

      await eventually(() => seen.length === 6);
      expect([count('decide-aaa-3'), count('start-aaa.restart.ctl1.apply1')]).toEqual([2, 2]);
    });
  }
});

describe("a run's card", () => {
  it('has one job under way and at most one waiting, and loses no event', async () => {
    const gates = [latch(), latch(), latch()];
    let [state, begun, most, now] = [0, 0, 0, 0];
    const drawn: number[] = [];
    serve<RunJob>('cards', async () => {
      now += 1;
      most = Math.max(most, now);
      const seen = state;
      begun += 1;
      await gates[begun - 1]?.isOpen;
      drawn.push(seen);
      now -= 1;
    });

    state = 1;
    await queues.card('aaa');
    await eventually(() => begun === 1);
    // While it is drawn, more happens than it has seen.
    for (state = 2; state <= 5; state += 1) await queues.card('aaa');
    state = 5;
    expect((await ids('cards')).length).toBeLessThanOrEqual(2);
    gates[0]?.open();
    await eventually(() => begun === 2);
    state = 6;
    await queues.card('aaa');
    gates[1]?.open();
    await eventually(() => begun === 3);
    gates[2]?.open();
    await eventually(async () => (await ids('cards')).length === 0);

    expect(drawn).toEqual([1, 5, 6]);
    expect(most).toBe(1);
  });

  it('is drawn again after a drawing that went wrong while more happened', async () => {
    const gate = latch();
    let begun = 0;
    serve<RunJob>('cards', async () => {
      begun += 1;
      if (begun > 1) return;
      await gate.isOpen;
      throw new Error('Slack was away');
    });
    await queues.card('aaa');
    await eventually(() => begun === 1);
    await queues.card('aaa');
    gate.open();

    await eventually(() => begun === 2);
    await eventually(async () => (await ids('cards')).length === 0);
    await queues.card('aaa');
    await eventually(() => begun === 3);
  });

  it('is drawn by another worker when one is killed, and the next ones too', async () => {
    const child = await startWorkerProcess(redis.url, 'cards');
    children.push(child);
    await queues.card('aaa');
    await child.took();
    // Something happens that the dead one will not show.
    await queues.card('aaa');
    await child.kill9();

    let begun = 0;
    serve<RunJob>('cards', async () => {
      begun += 1;
    });
    await eventually(() => begun >= 1, 15_000);
    await eventually(async () => (await ids('cards')).length === 0);

    const before = begun;
    await queues.card('aaa');
    await eventually(() => begun > before);
    await eventually(async () => (await ids('cards')).length === 0);
    await queues.card('aaa');
    await eventually(() => begun > before + 1);
  });
});

describe('the jobs of a dead worker', () => {
  it('are given back at once, and run by another', async () => {
    const child = await startWorkerProcess(redis.url, 'steps');
    children.push(child);
    await queues.step('aaa', start());
    await child.took();
    await child.kill9();

    expect(await giveBackJobs('steps', redis.connect(), child.owner)).toBe(1);

    const job = await new Promise<Job<StepJob>>((resolve) =>
      serve<StepJob>('steps', async (taken) => resolve(taken)),
    );
    expect(job.data).toEqual({ run: 'aaa', ...start() });
    expect(await giveBackJobs('steps', redis.connect(), child.owner)).toBe(0);
  });

  it('are the only ones: what others work on stays with them', async () => {
    const gate = latch();
    let begun = 0;
    const alive = serve<StepJob>('steps', async () => {
      begun += 1;
      await gate.isOpen;
    });
    await queues.step('aaa', start());
    await eventually(() => begun === 1);

    expect(await giveBackJobs('steps', redis.connect(), randomBytes(16).toString('hex'))).toBe(0);
    expect(await giveBackJobs('steps', redis.connect(), alive.id.slice(0, 4))).toBe(0);
    gate.open();
    await eventually(async () => (await ids('steps')).length === 0);
    expect(begun).toBe(1);
  });

  it('are run by another within seconds also when nobody gives them back', async () => {
    const child = await startWorkerProcess(redis.url, 'steps');
    children.push(child);
    await queues.step('aaa', start());
    await child.took();
    await child.kill9();

    const job = await new Promise<Job<StepJob>>((resolve) =>
      serve<StepJob>('steps', async (taken) => resolve(taken)),
    );
    expect(job.data).toEqual({ run: 'aaa', ...start() });
  });
});
