import { describe, expect, it } from '@jest/globals';
import { firstUndone, planRollback } from '../../../../jobs/run/rollback/rollback.ts';
import type { Run } from '../../../../jobs/run/run.ts';
import {
  failed,
  planOf,
  readyRun,
  rewound,
  rollbackRequested,
  skipRequested,
  started,
  step,
  succeeded,
  unchanged,
  work,
} from '../../../support/runs/events.ts';

const oneWay = { exit: 'oneWay' } as const;
const three = planOf(step('one', { hosts: ['cmp1', 'cmp2'] }), step('two'), step('three'));
const walled = planOf(step('one'), step('two', oneWay), step('three'));
const began = (id: string, host = 'ctl1') => started(work(id, host));

/** Step ids with their hosts, in the order in which they would be undone. */
const way = (run: Run, to?: string): string[] =>
  planRollback(run, to).steps.map(({ step: { id }, hosts }) => `${id} on ${hosts.join(', ')}`);

describe('the rollback', () => {
  it('is every step that began, last first, on the hosts where it did', () => {
    const run = readyRun(
      three,
      began('one', 'cmp2'),
      unchanged(work('one', 'cmp1')),
      failed(work('two')),
      began('three'),
    );
    expect(way(run)).toEqual(['three on ctl1', 'one on cmp2']);
    expect(planRollback(run)).toMatchObject({ to: 'one' });
    expect(planRollback(run)).not.toHaveProperty('barrier');
  });

  it('leads nowhere while nothing began', () => {
    const run = readyRun(three, unchanged(work('one', 'cmp1')), failed(work('two')));
    expect(planRollback(run)).toEqual({ steps: [] });
  });

  it('includes what failed, and what was skipped after it began', () => {
    const run = readyRun(
      three,
      began('one', 'cmp1'),
      failed(work('one', 'cmp1')),
      skipRequested({ phase: 'apply', step: 'one', hosts: ['cmp1', 'cmp2'] }, 'by hand'),
      began('two'),
      succeeded(work('two')),
    );
    expect(way(run)).toEqual(['two on ctl1', 'one on cmp1']);
  });

  it('goes as far as asked', () => {
    const run = readyRun(three, began('one', 'cmp1'), began('two'), began('three'));
    expect(way(run, 'two')).toEqual(['three on ctl1', 'two on ctl1']);
    expect(planRollback(run, 'two').to).toBe('two');
    expect(way(run, 'three')).toEqual(['three on ctl1']);
  });

  it('does not lead beyond a one-way step that began, whatever is asked', () => {
    const run = readyRun(walled, began('one'), began('two'), began('three'));
    for (const to of [undefined, 'one', 'two', 'three'])
      expect(planRollback(run, to)).toMatchObject({
        steps: [{ step: { id: 'three' } }],
        to: 'three',
        barrier: { id: 'two' },
      });
  });

  it('is open before a one-way step that has not begun', () => {
    const run = readyRun(walled, began('one'), failed(work('two')));
    expect(way(run)).toEqual(['one on ctl1']);
    expect(planRollback(run)).not.toHaveProperty('barrier');
  });

  it('leaves out what a person only looked at', () => {
    const of = planOf(
      step('one'),
      step('look', { doer: 'person', undoByPerson: '' }),
      step('unplug', { doer: 'person', undoByPerson: 'Plug it in again' }),
    );
    expect(way(readyRun(of, began('one'), began('look'), began('unplug')))).toEqual([
      'unplug on ctl1',
      'one on ctl1',
    ]);
  });
});

describe('the first step that was undone', () => {
  it('is the earliest that an undo began on, until the run went back to before it', () => {
    const undo = (id: string) => work(id, 'ctl1', { phase: 'undo' });
    const forward = [began('one', 'cmp1'), began('two'), began('three'), rollbackRequested('two')];
    expect(firstUndone(readyRun(three, ...forward))).toBeUndefined();
    const undone = [
      ...forward,
      started(undo('three')),
      succeeded(undo('three')),
      started(undo('two')),
    ];
    expect(firstUndone(readyRun(three, ...undone))?.id).toBe('two');
    expect(firstUndone(readyRun(three, ...forward, unchanged(undo('three'))))?.id).toBe('three');
    expect(firstUndone(readyRun(three, ...undone, rewound('two')))).toBeUndefined();
  });
});
