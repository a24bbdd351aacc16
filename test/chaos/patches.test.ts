import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { faultPatches } from './patches.ts';

const root = join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('a fault that can be put back', () => {
  for (const { fault, file, from, to, caughtBy } of faultPatches)
    it(`has its place in the product, and a test: ${fault}`, () => {
      expect(text(file).split(from).length).toBe(2);
      expect(to).not.toBe(from);
      const [tests, title = ''] = caughtBy;
      expect(existsSync(join(root, tests))).toBe(true);
      expect(text(tests)).toContain(title);
    });
});
