import { describe, expect, it } from '@jest/globals';
import { promisedOutages, promiseWords, unpromisedGaps } from './promises.ts';

const approval = `Approve? lab: Gazpacho → Hibiscus
*APIs down*  keystone 3–9, glance 4–6, glance 8–for good
*Does*  stops 16 services`;

/** A step a second, the first one at 1000. */
const steps = Array.from({ length: 12 }, (_, index) => ({
  at: 1000 * (index + 1),
  step: index + 1,
}));

describe('what approvals say of outages', () => {
  const promised = promisedOutages(['nothing of it here', approval]);
  const keystone = promised.get('keystone') ?? [];

  it('is read by API', () => {
    expect(keystone).toEqual([{ from: 3, to: 9 }]);
    expect(promised.get('glance')).toEqual([
      { from: 4, to: 6 },
      { from: 8, to: Infinity },
    ]);
  });

  it('covers a time without an answer, with a step more on either side', () => {
    expect(unpromisedGaps(keystone, [{ from: 2500, to: 10_400 }], steps)).toEqual([]);
  });

  it('does not cover one outside of it, or one of an API that it does not name', () => {
    expect(unpromisedGaps(keystone, [{ from: 9500, to: 11_250 }], steps)).toEqual([
      '1.75 s from step 9 to 11',
    ]);
    expect(unpromisedGaps([], [{ from: 4000, to: 4250 }], steps)).toEqual([
      '0.25 s from step 4 to 4',
    ]);
  });

  it('is told with the time that its steps took', () => {
    expect(promiseWords(keystone, steps)).toBe('steps 3–9, which took 7 s');
    expect(promiseWords(promised.get('glance') ?? [], steps)).toBe(
      'steps 4–6, 8–for good, which took 7 s',
    );
    expect(promiseWords([], steps)).toBe('nothing');
  });
});
