import { expect, it } from '@jest/globals';
import { readAhead } from '../../../bot/desk/answers/answer-question.ts';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { planOf, requested, step } from '../../support/runs/events.ts';

const broken = new OperatorError('the log of run bbb was changed', {
  name: 'BrokenLog',
  hint: '-',
});

it('the latest runs are read one after the other, and one that cannot be read holds up none', async () => {
  const run = fold([requested(planOf(step('stop')))]);
  const asked: string[] = [];
  const load = async (id: string) => {
    asked.push(`begin ${id}`);
    await Promise.resolve();
    asked.push(`end ${id}`);
    if (id === 'bbb') throw broken;
    return run;
  };
  const clouds: string[] = [];

  await readAhead({
    store: { recent: async () => ['aaa', 'bbb', 'ccc'], load },
    loadCloud: async (name) => {
      clouds.push(name);
      throw broken;
    },
  });

  const turns = ['aaa', 'bbb', 'ccc'].flatMap((id) => [`begin ${id}`, `end ${id}`]);
  expect(asked.slice(0, 6)).toEqual(turns);
  expect(clouds).toEqual([run.plan.cloud]);
});
