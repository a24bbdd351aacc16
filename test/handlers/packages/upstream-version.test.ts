import { describe, expect, it } from '@jest/globals';
import {
  compareNumbers,
  compareUpstream,
  upstreamNumbers,
  versionParts,
} from '../../../handlers/packages/upstream-version.ts';

describe('what upstream calls a version', () => {
  it.each([
    ['3:31.0.0-6+deb13u1', '3:31.0.0-1', 0],
    ['3:9.0.0-1', '1:31.0.0-1', -1],
    ['2:12.0.6-0ubuntu1~cloud0', '1:2015.1.4-0ubuntu2', 1],
    ['27.0', '27.0.0', 0],
    ['27.0.0~rc1-1', '27.0.0-1', 0],
    ['', '1', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareUpstream(a, b))).toBe(sign);
    expect(Math.sign(compareUpstream(b, a)) + sign).toBe(0);
  });

  it('is its numbers, dates before all that began to count anew', () => {
    expect(upstreamNumbers('2:12.0.6-0ubuntu1~cloud0')).toEqual([1, 12, 0, 6]);
    expect(upstreamNumbers('1:2015.1.4-0ubuntu2')).toEqual([0, 2015, 1, 4]);
    expect(upstreamNumbers('none')).toEqual([]);
    expect(versionParts('1:10.0.0+dfsg-11')).toEqual([10, 0, 0]);
    expect(compareNumbers([10, 0], [10])).toBe(0);
  });
});
