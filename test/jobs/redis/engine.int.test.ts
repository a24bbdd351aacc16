import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import {
  type RunEngine,
  advanceRun,
  openDecidedStates,
  openRecentNames,
} from '../../../jobs/redis/engine.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import { type Queues, decideJobVersion, openQueues } from '../../../jobs/redis/queue.ts';
import { openQueue } from '../../../jobs/redis/queues/open-queue.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import {
  gateApproved,
  abortRequested,
  paused,
  planOf,
  hostReady,
  requested,
  step,
  succeeded,
  started,
  work,
} from '../../support/runs/events.ts';
import { rejection } from '../../support/eventually.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

const run = '7f3a12';
let redis: TestRedis;
let store: RunStore;
let queues: Queues;

beforeEach(async () => {
  redis = await startTestRedis();
  store = openRunStore(redis.connect());
  queues = openQueues(redis.connect());
});

afterEach(async () => {
  await queues.close();
  await redis.stop();
});

const engine = (
  of: Pick<RunStore, 'load' | 'append'> = openRunStore(redis.connect()),
): RunEngine => ({
  store: of,
  queues,
  now: () => new Date().toISOString(),
  log: pino({ level: 'silent' }),
});

async function begin(of: Plan, ...events: readonly RunEvent[]): Promise<void> {
  const first = requested(of);
  if (first.type === 'RunRequested') await store.create(first);
  for (const event of events) await store.append(run, () => event);
}

/** Ten processes that decide about the same state. */
const tenAtOnce = () => Promise.all(Array.from({ length: 10 }, () => advanceRun(engine(), run)));

const log = async (): Promise<string[]> => (await store.events(run)).map(({ type }) => type);

const both = planOf(step('restart', { hosts: ['ctl1', 'cmp1'] }));
const one = planOf(step('restart'));
const asked = planOf(step('look', { doer: 'person' }));

/** A store where somebody presses right after the engine has looked. */
const pressedMeanwhile = (event: RunEvent): Pick<RunStore, 'load' | 'append'> => ({
  load: async (id) => {
    const seen = await store.load(id);
    await store.append(id, () => event);
    return seen;
  },
  append: store.append,
});

describe('ten processes that advance the same run', () => {
  it('have each host looked at once', async () => {
    await begin(both);
    await tenAtOnce();

    const steps = openQueue('steps', redis.connect());
    const jobs = await steps.getJobs(['waiting']);
    await steps.close();
    expect(new Set(jobs.map(({ id }) => id))).toEqual(
      new Set(['check-7f3a12-cmp1', 'check-7f3a12-ctl1']),
    );
    expect(jobs.length).toBe(2);
    expect(await log()).toEqual(['RunRequested']);
  });

  it('ask for approval once', async () => {
    await begin(one, hostReady('ctl1'));
    await tenAtOnce();
    expect(await log()).toEqual(['RunRequested', 'HostReady', 'ApprovalRequested']);
  });

  it('ask a person once', async () => {
    await begin(asked, hostReady('ctl1'));
    await advanceRun(engine(), run);
    const at = new Date().toISOString();
    await store.append(run, () => ({ ...gateApproved('look', asked), at }));
    await tenAtOnce();
    expect((await log()).slice(3)).toEqual(['ApprovalGiven', 'PersonAsked']);
  });

  it('have who approved a while ago judged before they ask', async () => {
    await begin(asked, hostReady('ctl1'));
    await advanceRun(engine(), run);
    await store.append(run, () => gateApproved('look', asked));
    await tenAtOnce();
    expect((await log()).slice(3)).toEqual(['ApprovalGiven', 'ApprovalsDoubted']);
  });

  it('end it once, and free the cloud', async () => {
    await begin(one, hostReady('ctl1'), gateApproved('restart', one), started(work('restart')));
    await store.append(run, () => succeeded(work('restart')));
    await tenAtOnce();
    expect((await log()).slice(-2)).toEqual(['StepSucceeded', 'RunEnded']);
    expect((await store.load(run)).ended?.outcome).toBe('succeeded');
    expect(await store.lockOf('staging')).toBeUndefined();
  });
});

describe('what was asked for a moment ago', () => {
  it('is not asked for again by the same process, until five seconds have gone by', async () => {
    await begin(both);
    let ms = 0;
    const isNew = openRecentNames(() => ms);
    const askedHosts: string[][] = [];
    const watched: RunEngine = {
      ...engine(),
      queues: {
        step: async (_run, ...decisions) => {
          askedHosts.push(
            decisions.flatMap((next) => ('host' in next ? [next.host] : [])).toSorted(),
          );
        },
      },
    };

    await advanceRun(watched, run, { isNew });
    await store.append(run, () => hostReady('ctl1'));
    await advanceRun(watched, run, { isNew });
    ms = 5000;
    await advanceRun(watched, run, { isNew });
    await advanceRun(watched, run);

    expect(askedHosts).toEqual([['cmp1', 'ctl1'], ['cmp1'], ['cmp1']]);
  });
});

describe('a run that turns between the decision and its record', () => {
  it('asks nobody once it is paused', async () => {
    await begin(asked, hostReady('ctl1'), gateApproved('look', asked));
    await advanceRun(engine(pressedMeanwhile(paused())), run);
    expect((await log()).at(-1)).toBe('Paused');
  });

  it('asks for no approval once it is aborted', async () => {
    await begin(one, hostReady('ctl1'));
    await advanceRun(engine(pressedMeanwhile(abortRequested())), run);
    expect((await log()).at(-1)).toBe('AbortRequested');
  });

  it('does not end as succeeded once it is aborted', async () => {
    await begin(one, hostReady('ctl1'), gateApproved('restart', one), started(work('restart')));
    await store.append(run, () => succeeded(work('restart')));
    await advanceRun(engine(pressedMeanwhile(abortRequested())), run);
    expect((await log()).at(-1)).toBe('AbortRequested');
    await advanceRun(engine(), run);
    expect((await store.load(run)).ended?.outcome).toBe('aborted');
  });
});

describe('what was decided', () => {
  it('answers who asks about an earlier state, until carrying it out fails or the store comes back', async () => {
    await begin(both);
    const decided = openDecidedStates();
    const { version } = await store.load(run);
    const covers = (of: number): boolean => decided.covers({ id: run, version: of });
    expect(covers(version)).toBe(false);

    await advanceRun(engine(), run, { decided });
    expect([covers(version - 1), covers(version), covers(version + 1)]).toEqual([
      true,
      true,
      false,
    ]);

    const failing = { ...engine(), queues: { step: () => Promise.reject(new Error('away')) } };
    await rejection(advanceRun(failing, run, { decided }));
    expect(covers(version)).toBe(false);

    await advanceRun(engine(), run, { decided });
    decided.forget();
    expect(covers(version)).toBe(false);
  });

  it('is asked for by the state that it is about', () => {
    expect(decideJobVersion('decide-7f3a12-41')).toBe(41);
    expect(decideJobVersion('again-7f3a12')).not.toBe(41);
  });
});
