import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openDeciding } from '../../../jobs/worker/deciding.ts';
import { openPaced } from '../../../jobs/worker/paced.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { hostReady, planOf, requested, step } from '../../support/runs/events.ts';

const log = pino({ level: 'silent' });
const hosts = ['ctl1', 'cmp1', 'cmp2'];
/** The state after each event. */
const stateAfter = (count: number) =>
  fold([
    requested(planOf(step('drain', { hosts }))),
    ...hosts.slice(0, count).map((host) => hostReady(host)),
  ]);
const [first, second, third, fourth] = [stateAfter(0), stateAfter(1), stateAfter(2), stateAfter(3)];

describe('deciding about runs in the process that moves them on', () => {
  it('decides once about all that comes meanwhile, on the newest state', async () => {
    const met: number[] = [];
    const { decide, settled } = openDeciding(
      async ({ version }) => {
        met.push(version);
        if (met.length === 1) for (const state of [fourth, second, third]) decide(state);
        await Promise.resolve();
      },
      { again: async () => {}, log },
    );

    decide(first);
    await settled();

    expect(met).toEqual([1, 4]);
  });

  it('has a job ask where it fails, and goes on', async () => {
    const [met, again]: [number[], string[]] = [[], []];
    const { decide, settled } = openDeciding(
      async ({ version }) => {
        met.push(version);
        if (version === 1) throw new Error('no Redis');
      },
      { again: async (run) => void again.push(run), log },
    );

    decide(first);
    await settled();
    decide(second);
    await settled();

    expect([met, again]).toEqual([[1, 2], ['7f3a12']]);
  });
});

describe('asking at a pace', () => {
  it('asks at once, and once more for all that comes until the next turn', async () => {
    const asked: string[] = [];
    const { ask, flush } = openPaced(async (run) => void asked.push(run), {
      everyMs: 60_000,
      failed: () => {},
    });

    for (const run of ['aaa', 'aaa', 'bbb', 'aaa']) await ask(run);
    expect(asked).toEqual(['aaa', 'bbb']);
    await flush();
    expect(asked).toEqual(['aaa', 'bbb', 'aaa']);
    await flush();
    expect(asked.length).toBe(3);
  });

  it('asks for what came meanwhile by itself', async () => {
    const asked: string[] = [];
    let isTwice: () => void = () => {};
    const twice = new Promise<void>((resolve) => (isTwice = resolve));
    const { ask } = openPaced(
      async (run) => {
        asked.push(run);
        if (asked.length === 2) isTwice();
      },
      { everyMs: 1, failed: () => {} },
    );

    await ask('aaa');
    await ask('aaa');
    await twice;

    expect(asked).toEqual(['aaa', 'aaa']);
  });
});
