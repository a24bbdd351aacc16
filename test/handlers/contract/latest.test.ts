import { expect, it } from '@jest/globals';
import { latest } from '../../../handlers/contract/latest.ts';

it('keeps so many values, and lets go of the one that was kept longest ago', () => {
  const kept = latest<number>(2);

  expect(kept.keep('a', 1)).toBe(1);
  kept.keep('b', 2);
  kept.keep('a', 3);
  kept.keep('c', 4);

  expect(['a', 'b', 'c'].map(kept.get)).toEqual([3, undefined, 4]);
});

it('forgets one of them, or all', () => {
  const kept = latest<number>(3);
  for (const name of ['a', 'b', 'c']) kept.keep(name, 1);

  kept.forget('b');
  expect(['a', 'b', 'c'].map(kept.get)).toEqual([1, undefined, 1]);
  kept.forget();
  expect(['a', 'b', 'c'].map(kept.get)).toEqual([undefined, undefined, undefined]);
});
