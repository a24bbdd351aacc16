import { describe, expect, it } from '@jest/globals';
import { countText, fewNames } from '../../../handlers/words/counts.ts';

describe('words for how many', () => {
  it.each([
    [0, '0 steps'],
    [1, '1 step'],
    [2, '2 steps'],
  ])('count %i as %s', (number, text) => {
    expect(countText(number, 'step')).toBe(text);
  });

  it('name at most three, and say how many more there are', () => {
    expect(fewNames([])).toBe('');
    expect(fewNames(['a', 'b', 'c'])).toBe('a, b, c');
    expect(fewNames(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
    expect(fewNames(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  });
});
