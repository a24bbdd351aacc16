import { describe, expect, it } from '@jest/globals';
import { availabilityOf } from './api-watch.ts';

/** An answer each quarter of a second: `.` for one, `x` for none. */
const answers = (text: string) =>
  text.split('').map((one, index) => ({ at: index * 250, isThere: one === '.' }));

describe('how long an API was down', () => {
  it.each([
    ['........', { downSeconds: 0, longestSeconds: 0 }],
    ['..xxxx..', { downSeconds: 1, longestSeconds: 1 }],
    ['.xx.xxxx.xx.', { downSeconds: 2, longestSeconds: 1 }],
    ['....xxxxx', { downSeconds: 1, longestSeconds: 1 }],
    ['', { downSeconds: 0, longestSeconds: 0 }],
  ])('%s', (text, wanted) => {
    expect(availabilityOf('nova', answers(text))).toEqual({
      api: 'nova',
      asked: text.length,
      ...wanted,
    });
  });
});
