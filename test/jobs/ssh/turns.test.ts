import { describe, expect, it } from '@jest/globals';
import { jointWork, limiter } from '../../../jobs/ssh/turns.ts';

describe('turns', () => {
  it('let so many work at a time, the rest in the order they came, also after a failure', async () => {
    const inTurn = limiter(2);
    const seen: string[] = [];
    const ends = new Map<string, () => void>();
    const work = (name: string): Promise<void> =>
      inTurn(async () => {
        seen.push(name);
        await new Promise<void>((done) => ends.set(name, done));
        if (name === 'a') throw new Error('a failed');
      });
    const all = ['a', 'b', 'c', 'd'].map(work);
    const [first, ...others] = all;
    const failed = expect(first).rejects.toThrow('a failed');
    await Promise.resolve();
    expect(seen).toEqual(['a', 'b']);

    ends.get('a')?.();
    await failed;
    expect(seen).toEqual(['a', 'b', 'c']);

    ends.get('c')?.();
    await others[1];
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    ends.get('b')?.();
    ends.get('d')?.();
    await Promise.all(others);
  });
});

describe('joint work', () => {
  it('is done once for all who want it at the same time, and again later', async () => {
    const { join } = jointWork();
    let begun = 0;
    const begin = async (): Promise<void> => {
      begun += 1;
    };
    await Promise.all([join('a', begin), join('a', begin), join('b', begin)]);
    expect(begun).toBe(2);

    await join('a', begin);
    expect(begun).toBe(3);
  });

  it('fails for all of them, is forgotten then, and has settled', async () => {
    const { join, settled } = jointWork();
    const fail = async (): Promise<void> => {
      throw new Error('no route');
    };
    const both = [join('a', fail), join('a', fail)];
    await settled();
    for (const one of await Promise.allSettled(both)) expect(one.status).toBe('rejected');
    await expect(join('a', async () => {})).resolves.toBeUndefined();
  });
});
