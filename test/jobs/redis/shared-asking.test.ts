import { describe, expect, it } from '@jest/globals';
import { sharedAsking } from '../../../jobs/redis/folded-log.ts';

/** A store whose answers come when they are told to; each says how many changes it has seen. */
function slowStore() {
  const open: (() => void)[] = [];
  const store = { changes: 0, asked: 0 };
  const ask = sharedAsking((_run: string) => {
    store.asked += 1;
    const seen = store.changes;
    return new Promise<number>((resolve, reject) => {
      open.push(() => (seen < 0 ? reject(new Error('gone')) : resolve(seen)));
    });
  });
  const answer = async (): Promise<void> => {
    open.shift()?.();
    await new Promise((done) => setImmediate(done));
  };
  return { store, ask, answer };
}

describe('questions about a run that are shared', () => {
  it('answer nobody with what was asked before they came', async () => {
    const { store, ask, answer } = slowStore();
    const first = ask('r');
    store.changes = 1;
    const later = [ask('r'), ask('r'), ask('r')];
    await answer();
    store.changes = 2;
    const last = ask('r');
    await answer();
    await answer();

    expect(await first).toBe(0);
    expect(await Promise.all(later)).toEqual([1, 1, 1]);
    expect(await last).toBe(2);
    expect(store.asked).toBe(3);
  });

  it('ask of each run by itself, and again after an error', async () => {
    const { store, ask, answer } = slowStore();
    store.changes = -1;
    const failed = ask('r').catch(String);
    store.changes = 3;
    const [next, other] = [ask('r'), ask('s')];
    await answer();
    await answer();
    await answer();

    expect(await failed).toBe('Error: gone');
    expect(await Promise.all([next, other])).toEqual([3, 3]);
    expect(await Promise.all([ask('s'), answer()])).toEqual([3, undefined]);
  });
});
