import { describe, expect, it } from '@jest/globals';
import { knowledge } from '../known.ts';
import { labelledFailures, measureSignatures, verdictOn } from './labelled-failures.ts';

const { signatures } = knowledge;
const classes = new Set(signatures.filter(({ tells }) => tells === 'class').map(({ id }) => id));

describe('failures that are labelled', () => {
  const { failures, byCause, byClass, wrong } = measureSignatures(signatures);

  it('are never given a cause that they have not got', () => {
    expect(wrong).toEqual([]);
  });

  it('are recognised, most of them by their cause', () => {
    expect(failures).toBeGreaterThanOrEqual(300);
    expect(byCause / failures).toBeGreaterThanOrEqual(0.7);
    expect((byCause + byClass) / failures).toBeGreaterThanOrEqual(0.9);
  });

  it('are labelled with causes and classes that are known', () => {
    const known = new Set([...signatures.map(({ id }) => id), 'class', 'nothing']);

    expect(labelledFailures.filter(({ is }) => !known.has(is) || classes.has(is))).toEqual([]);
    expect(
      labelledFailures.flatMap((one) => one.classes.filter((name) => !classes.has(name))),
    ).toEqual([]);
  });

  it('are told apart: a signature that is widened to all lines is found to be wrong', () => {
    const [first, ...others] = signatures.filter(({ standing }) => standing === undefined);
    if (first === undefined) throw new Error('no signatures');
    const wide = { ...first, kinds: [], patterns: ['.'], unless: [] };

    expect(measureSignatures([wide, ...others]).wrong.length).toBeGreaterThan(400);
  });

  it('are known by their class alone only after every cause was tried', () => {
    const firstClass = signatures.findIndex(({ tells }) => tells === 'class');
    const lastCause = signatures.findLastIndex(
      ({ id, tells }) => tells === 'cause' && id !== 'reason-in-log',
    );

    expect(firstClass).toBeGreaterThan(lastCause);
  });
});

describe('a label', () => {
  const one = { source: 'x', kind: 'service', exit: 1, classes: ['unit-failed'] };
  const text = 'x.service: Main process exited, code=exited, status=1/FAILURE';

  it('takes a class for a cause that was not told', () => {
    expect(verdictOn({ ...one, is: 'class', text }, signatures).verdict).toBe('class');
    expect(verdictOn({ ...one, is: 'port-taken', text }, signatures).verdict).toBe('class');
    expect(verdictOn({ ...one, classes: [], is: 'port-taken', text }, signatures).verdict).toBe(
      'wrong',
    );
  });

  it('takes nothing for an output of which nothing is wrong', () => {
    expect(verdictOn({ ...one, is: 'nothing', text }, signatures).verdict).toBe('wrong');
  });
});
