import { expect, it } from '@jest/globals';
import { openLearnedTimes, openRunTimes } from '../../../jobs/redis/times/run-times-store.ts';
import { fold } from '../../../jobs/run/fold.ts';
import * as e from '../../support/runs/events.ts';
import { testStore } from '../../support/servers/test-store.ts';

const plan = e.planOf(e.step('sync'));
const sync = e.work('sync');
const [step] = plan.steps;
const ended = (run: string, tookS: number, at: number) =>
  fold([
    { ...e.requested(plan), run } as ReturnType<typeof e.requested>,
    e.hostReady('ctl1'),
    e.atSecond(at, e.started(sync)),
    e.atSecond(at + tookS, e.succeeded(sync)),
    e.atSecond(at + tookS, e.runEnded('succeeded')),
  ]);

const stored = testStore();

it('keeps what the latest sixty runs took, each once, for every process', async () => {
  const learning = openLearnedTimes(openRunTimes(stored.redis));
  for (let nth = 0; nth < 65; nth += 1)
    await learning.learn(ended(`run${nth}`, nth < 5 ? 1000 : 60, nth * 10_000));
  await learning.learn(ended('run64', 60, 640_000));

  const all = await openRunTimes(stored.redis).all();

  expect(all).toHaveLength(60);
  expect(all[0]?.run).toBe('run64');
  expect(all.at(-1)?.run).toBe('run5');
  const known = await openLearnedTimes(openRunTimes(stored.redis)).of('staging');
  expect(step && known.usualMs({ phase: 'apply', step })).toBe(60_000);
});
