import { describe, expect, it } from '@jest/globals';
import { availabilityOf } from './api-watch.ts';
import { promisedOutages, unpromisedGaps } from './promises.ts';

/** An answer each quarter of a second: `.` for one, `x` for none. */
const answers = (text: string) =>
  text.split('').map((one, index) => ({
    at: index * 250,
    until: index * 250 + 100,
    isThere: one === '.',
  }));

describe('how long an API was down', () => {
  it.each([
    ['........', { downSeconds: 0, longestSeconds: 0, gaps: [] }],
    ['..xxxx..', { downSeconds: 1, longestSeconds: 1, gaps: [{ from: 500, to: 1500 }] }],
    [
      '.xx.xxxx.xx.',
      {
        downSeconds: 2,
        longestSeconds: 1,
        gaps: [
          { from: 250, to: 750 },
          { from: 1000, to: 2000 },
          { from: 2250, to: 2750 },
        ],
      },
    ],
    ['....xxxxx', { downSeconds: 1, longestSeconds: 1, gaps: [{ from: 1000, to: 2000 }] }],
    ['', { downSeconds: 0, longestSeconds: 0, gaps: [] }],
  ])('%s', (text, wanted) => {
    expect(availabilityOf('nova', answers(text))).toEqual({
      api: 'nova',
      asked: text.length,
      ...wanted,
    });
  });
});

describe('how long an API was down beside a time in which all hosts were frozen', () => {
  it.each([
    ['leaves that out', '..xxxx..', { from: 400, to: 1400 }, []],
    ['counts what was before', '..xxxx..', { from: 900, to: 1400 }, [{ from: 500, to: 1000 }]],
    ['counts what is after', '..xxxx..', { from: 400, to: 800 }, [{ from: 1000, to: 1500 }]],
    ['leaves out what was asked before, and waited', '..xx....', { from: 550, to: 900 }, []],
  ])('%s', (_what, text, frozen, gaps) => {
    expect(availabilityOf('nova', answers(text), [frozen])).toMatchObject({ gaps });
  });
});

describe('what approvals had promised', () => {
  const approvals = ['*Plan*\n*APIs down*  keystone 19–121, nova 22–for good', 'keystone 1–400'];
  const steps = [19, 20, 121, 130].map((step, index) => ({ at: index * 1000, step }));

  it('is read from their line of outages alone', () => {
    expect(Object.fromEntries(promisedOutages(approvals))).toEqual({
      keystone: [{ from: 19, to: 121 }],
      nova: [{ from: 22, to: Infinity }],
    });
  });

  it('covers a time without answers that lies between its steps', () => {
    const promised = promisedOutages(approvals).get('keystone') ?? [];
    expect(unpromisedGaps(promised, [{ from: 100, to: 2500 }], steps)).toEqual([]);
    expect(unpromisedGaps(promised, [{ from: 2500, to: 3500 }], steps)).toEqual([
      '1 s from step 121 to 130',
    ]);
    expect(unpromisedGaps([], [{ from: 100, to: 350 }], steps)).toEqual([
      '0.25 s from step 19 to 19',
    ]);
  });
});
