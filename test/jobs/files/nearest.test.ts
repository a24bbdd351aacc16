import { describe, expect, it } from '@jest/globals';
import { nearestWord } from '../../../jobs/files/nearest.ts';

describe('the nearest word', () => {
  it.each([
    ['librety', 'liberty'],
    ['KEYSTON', 'keystone'],
    ['neturon', 'neutron'],
    ['novaa', 'nova'],
    ['nvoa', 'nova'],
  ])('for %s is %s: a letter more, less, another or swapped', (word, meant) => {
    expect(nearestWord(word, ['nova', 'neutron', 'keystone', 'liberty'])).toBe(meant);
  });

  it('is the nearer one of two, and none where a third of the letters and more differ', () => {
    expect(nearestWord('host1', ['host12', 'most12'])).toBe('host12');
    expect(nearestWord('abc', ['xyz', 'axz'])).toBeUndefined();
    expect(nearestWord('nova', [])).toBeUndefined();
  });
});
