import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type SecretSpan,
  groupSpans,
  spansOutside,
  unionOfSpans,
} from '../../../handlers/redaction/span.ts';

const anySpans = fc.array(
  fc
    .record({ start: fc.nat({ max: 40 }), length: fc.nat({ max: 12 }) })
    .map(({ start, length }): SecretSpan => ({ start, end: start + length })),
  { maxLength: 8 },
);

/** The places that spans cover. */
const covered = (spans: readonly SecretSpan[]): number[] =>
  [
    ...new Set(
      spans.flatMap(({ start, end }) =>
        Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index),
      ),
    ),
  ].toSorted((a, b) => a - b);

describe('spans', () => {
  it('cover the same once they are one, in order and apart from each other', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const one = unionOfSpans(spans);
        expect(covered(one)).toEqual(covered(spans));
        for (const [index, { start, end }] of one.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(one[index - 1]?.end ?? 0);
        }
      }),
    );
  });

  it('lie outside of holes with exactly what the holes leave', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (spans, holes) => {
        const left = covered(spansOutside(unionOfSpans(spans), unionOfSpans(holes)));
        const gone = new Set(covered(holes));
        expect(left).toEqual(covered(spans).filter((place) => !gone.has(place)));
      }),
    );
  });

  it('are where a group of a pattern matched, each time', () => {
    expect(groupSpans(/=(\w+)?;/dg, 'a=bc; d=; e=f;')).toEqual([
      { start: 2, end: 4 },
      { start: 12, end: 13 },
    ]);
  });
});
