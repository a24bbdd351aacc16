import { describe, expect, it } from '@jest/globals';
import { ratioText, spreadOf, spreadText } from '../../bench/figures.ts';
import { parseProcessTime } from '../../bench/processor-time.ts';

describe('figures of several rounds', () => {
  it('are their middle and between which they lay', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spreadText([1, 2, 10], 1)).toBe('2.0 (1.0-10.0)');
  });

  it('are compared within their round', () => {
    expect(ratioText([2, 30], [1, 10])).toBe('2.50 (2.00-3.00)');
  });
});

describe('the processor time of a process', () => {
  it('is its own and that of the children it waited for, whatever its name', () => {
    const stat = '42 (a) b) S 7 42 42 0 -1 4194560 1 2 3 4 100 50 25 25 20 0 1 0 123';

    expect(parseProcessTime(stat)).toEqual({ pid: 42, parent: 7, seconds: 2 });
  });
});
