import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { watchSlowSteps } from '../../../jobs/redis/times/watch-slow-steps.ts';
import { eventually } from '../../support/eventually.ts';
import * as e from '../../support/runs/events.ts';
import { runRequest, testStore } from '../../support/servers/test-store.ts';

const stored = testStore();
const run = '7f3a12';
const usual = { usualMs: () => 60_000, roughMs: () => 60_000, pauseMs: 0 };

it('is noted once, whoever watches and however often', async () => {
  const { store } = stored;
  await store.create(runRequest(run));
  await stored.write(run, e.hostReady('ctl1'), e.atSecond(10, e.started(e.work('restart'))));
  let seconds = 130;
  let looks = 0;
  const watch = (): (() => void) =>
    watchSlowSteps({
      store,
      times: { of: async () => usual },
      nowMs: () => {
        looks += 1;
        return Date.parse(e.after(seconds));
      },
      log: pino({ level: 'silent' }),
      everyMs: 20,
    });
  const types = async (): Promise<string[]> => (await store.events(run)).map(({ type }) => type);
  const looked = async (): Promise<void> => {
    const until = looks + 10;
    await eventually(() => looks > until);
  };

  const stops = [watch(), watch()];
  await looked();
  expect(await types()).not.toContain('StepFoundSlow');
  seconds = 131;
  await looked();
  stops.forEach((stop) => stop());
  const again = watch();
  await looked();
  again();

  expect((await types()).filter((type) => type === 'StepFoundSlow')).toHaveLength(1);
});
