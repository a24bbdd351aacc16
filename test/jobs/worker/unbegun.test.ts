import { describe, expect, it } from '@jest/globals';
import { openUnbegun } from '../../../jobs/worker/unbegun.ts';

describe('what a host has shown not to have begun', () => {
  it('is used once, and by nobody who did not hear of it', () => {
    const unbegun = openUnbegun();
    unbegun.note('r.s1.h1.apply1');

    expect(unbegun.take('r.s1.h2.apply1')).toBeUndefined();
    expect(unbegun.take('r.s1.h1.apply1')?.()).toBe(true);
    expect(unbegun.take('r.s1.h1.apply1')).toBeUndefined();
  });

  it('does not count any more once the log may have gone back, also for who has taken it already', () => {
    const unbegun = openUnbegun();
    unbegun.note('r.s1.h1.apply1');
    unbegun.note('r.s1.h2.apply1');
    const isUnbegun = unbegun.take('r.s1.h1.apply1');

    unbegun.forget();

    expect(isUnbegun?.()).toBe(false);
    expect(unbegun.take('r.s1.h2.apply1')).toBeUndefined();
  });
});
