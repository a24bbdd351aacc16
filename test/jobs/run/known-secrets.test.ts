import { describe, expect, it } from '@jest/globals';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import { secretsOfRun } from '../../../jobs/run/known-secrets.ts';
import { planOf, requested, started, step, work } from '../../support/runs/events.ts';

const fileWith = (password: string) => ({
  content: Buffer.from(`[database]\npassword = ${password}\n`).toString('base64'),
});
const startedOn = (host: string, password: string) => ({
  ...started(work('config', host)),
  before: fileWith(password),
});

describe('what a run knows to be secret', () => {
  const one = step('config', { hosts: ['ctl1', 'ctl2'] });
  const before = fold([requested(planOf(one))]);

  it('grows with what is found on hosts, one after the other', () => {
    const first = evolve(before, startedOn('ctl1', 'sesame-opens-01'));
    const second = evolve(first, startedOn('ctl2', 'sesame-opens-02'));

    expect(secretsOfRun(before)).toEqual([]);
    expect(secretsOfRun(first)).toEqual(['sesame-opens-01']);
    expect(secretsOfRun(second)).toEqual(['sesame-opens-01', 'sesame-opens-02']);
    expect(secretsOfRun(first)).toEqual(['sesame-opens-01']);
  });
});
