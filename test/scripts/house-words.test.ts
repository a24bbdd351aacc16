import { describe, expect, it } from '@jest/globals';
import { oldWords } from '../../scripts/house-words.ts';

const file = (path: string, ...lines: string[]) => ({ path, text: lines.join('\n') });

describe('words that were given up', () => {
  it.each([
    ['Way out: press Roll back', 'Way out', 'fix'],
    ['It goes all the way back.', 'way back', 'rollback'],
    ['a schema that stopped half-way', 'half-way', 'interrupted, or partway'],
    ['title: let nova check itself', 'let nova check itself', 'nova-status upgrade check'],
    ['Take packages from kilo alone', 'Take packages from kilo alone', 'switch apt to NAME'],
    ['maintained since 2024', 'maintained since', 'maintained until, or unmaintained since'],
  ])('are found in: %s', (line, found, better) => {
    expect(oldWords([file('docs/a.md', 'Fine.', line)])).toEqual([
      `docs/a.md:2: "${found}": say ${better}`,
    ]);
  });

  it('are not found in words that only look like them, nor in what earlier logs say', () => {
    const line = 'unmaintained since 2024; remove rows; 05-cinder-half-way-that-is-known; waysOut';
    expect(oldWords([file('a.yaml', line)])).toEqual([]);
    expect(oldWords([file('test/jobs/run/fixtures/a.json', 'the way back')])).toEqual([]);
  });
});
