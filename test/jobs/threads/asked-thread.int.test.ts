import { afterEach, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { type AskedThread, openAskedThread } from '../../../jobs/threads/asked-thread.ts';
import type { PretendAnswers } from './pretend-thread.ts';

const opened: AskedThread<PretendAnswers>[] = [];
function threadOf(): AskedThread<PretendAnswers> {
  const thread = openAskedThread<PretendAnswers>(
    new URL('./pretend-thread', import.meta.url),
    'doubling',
  );
  opened.push(thread);
  return thread;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ stop }) => stop()));
});

const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

describe('a thread that is asked', () => {
  it('answers each question with its own answer', async () => {
    const { ask } = threadOf();

    expect(await Promise.all([1, 2, 3].map((value) => ask('twice', value)))).toEqual([2, 4, 6]);
  });

  it('is started beforehand where that is asked for, and is the one that answers', async () => {
    const { ask, prepare } = threadOf();
    const threads = (): number => readdirSync('/proc/self/task').length;
    const before = threads();

    prepare();

    expect(threads()).toBeGreaterThan(before);
    expect(await ask('twice', 4)).toBe(8);
  });

  it('leaves its process free to do other things meanwhile', async () => {
    const { ask } = threadOf();
    const word = shared();
    const answer = ask('waitFor', word);
    let isOver = false;
    const over = answer.then(() => (isOver = true));
    for (let turns = 0; turns < 100; turns += 1) await turn();

    expect(isOver).toBe(false);
    Atomics.store(word, 0, 1);
    Atomics.notify(word, 0);
    await over;
  });

  it('throws what was thrown: an error for people as one, with all that it says', async () => {
    const { ask } = threadOf();
    const refused: unknown = await ask('refuse').catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(OperatorError);
    expect(refused).toMatchObject({
      name: 'NoUpgradePath',
      message: 'planning: there is no way',
      hint: 'Name another release.',
      disposition: 'ask',
      people: ['UANN'],
    });
    await expect(ask('fail')).rejects.toMatchObject({ message: 'a bug', name: 'Error' });
    await expect(ask('answerWithFunction')).rejects.toThrow('could not be cloned');
    expect(await ask('twice', 4)).toBe(8);
  });

  it('is started anew where it ended, and asked once more what it had not answered', async () => {
    const { ask } = threadOf();

    expect(await Promise.all([ask('endOnce', shared()), ask('twice', 5)])).toEqual([2, 10]);
  });

  it('says so where a question ends it twice, and answers the next', async () => {
    const { ask } = threadOf();

    await expect(ask('end')).rejects.toMatchObject({
      name: 'ThreadEnded',
      message: 'doubling: the thread that does it ended twice over it',
    });
    expect(await ask('twice', 6)).toBe(12);
  });
});
