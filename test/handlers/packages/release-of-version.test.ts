import { describe, expect, it } from '@jest/globals';
import { compareVersions } from '../../../handlers/packages/release-of-version.ts';

describe('comparing versions', () => {
  it.each([
    ['3.9', '3.10.8', -1],
    ['3.13.7', '3.13.2', 1],
    ['8.0.0', '8', 0],
    ['2015.1', '12.0', 1],
    ['1:10.0.0+dfsg-11', '10.0.0', 0],
    ['', '6.0.0', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a)) + sign).toBe(0);
  });
});
