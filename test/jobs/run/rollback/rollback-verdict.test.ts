import { describe, expect, it } from '@jest/globals';
import { rollbackVerdict } from '../../../../jobs/run/rollback/rollback-verdict.ts';
import type { Run } from '../../../../jobs/run/run.ts';
import {
  after,
  planOf,
  readyRun,
  rollbackRequested,
  started,
  step,
  succeeded,
  work,
} from '../../../support/runs/events.ts';

const ben = { by: 'UBEN', at: after(60) };
const ran = (...ids: string[]) => ids.flatMap((id) => [started(work(id)), succeeded(work(id))]);
const verdict = (run: Run, id?: string, phrase?: string) =>
  rollbackVerdict(run, { ...(id && { step: id }), ...(phrase && { phrase }) }, ben);
const reason = (run: Run, id?: string): unknown => {
  const said = verdict(run, id);
  return 'reason' in said ? said.reason : said;
};

const plain = planOf(step('one'), step('two'), step('three'));
const walled = planOf(step('one'), step('two', { exit: 'oneWay' }), step('three'));

describe('a press of Roll back', () => {
  it('goes to the first step that began, or to before the one that is named', () => {
    const run = readyRun(plain, ...ran('one', 'two'));
    expect(verdict(run)).toEqual({ event: { type: 'RollbackRequested', ...ben, to: 'one' } });
    expect(verdict(run, 'two')).toMatchObject({ event: { to: 'two' } });
  });

  it('is refused for a step that there is not, and where nothing began', () => {
    expect(reason(readyRun(plain, ...ran('one')), 'four')).toBe(
      'the plan has no step four; its steps are one, two, three',
    );
    expect(reason(readyRun(plain))).toBe('nothing that began would be undone');
  });

  it('stops behind a one-way step, and is refused for what lies before it', () => {
    const run = readyRun(walled, ...ran('one', 'two', 'three'));
    expect(verdict(run, undefined, 'staging keeps two')).toMatchObject({ event: { to: 'three' } });
    for (const id of ['one', 'two'])
      expect(reason(run, id)).toBe(
        'a rollback cannot go to before "two": it is one-way. It can go to just after it: /upgrade rollback 7f3a12',
      );
  });

  it('goes no less far than what has been undone already', () => {
    const undone = work('two', 'ctl1', { phase: 'undo' });
    const run = readyRun(
      plain,
      ...ran('one', 'two', 'three'),
      rollbackRequested('two'),
      started(work('three', 'ctl1', { phase: 'undo' })),
      succeeded(work('three', 'ctl1', { phase: 'undo' })),
      started(undone),
      succeeded(undone),
    );
    expect(reason(run, 'three')).toBe(
      'undoing "two" has begun already, so the rollback goes to before it at least: /upgrade rollback 7f3a12 two',
    );
    expect(verdict(run, 'one')).toMatchObject({ event: { to: 'one' } });
  });
});
