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
