import { describe, expect, it } from '@jest/globals';
import { fold } from '../../../../jobs/run/fold.ts';
import { handlerOf } from '../../../../jobs/run/plan.ts';
import { planRollback } from '../../../../jobs/run/rollback/rollback.ts';
import {
  inOrder,
  personAsked,
  planOf,
  proofGiven,
  requested,
  step,
  work,
} from '../../../support/runs/events.ts';

const done = (params: unknown, exit: 'reversible' | 'oneWay') => {
  const { undoByPerson } = handlerOf({ id: 'look', kind: 'manual', params });
  const of = planOf(
    step('look', { kind: 'manual', params, exit, doer: 'person', undoByPerson, apply: [] }),
  );
  const look = work('look');
  return planRollback(fold(inOrder(requested(of), personAsked(look), proofGiven(look, 'seen'))));
};

describe('the rollback over what a person did', () => {
  it('asks a person to take it back where the runbook says how', () => {
    const way = done({ instructions: 'plug it in', undo: 'pull it out' }, 'reversible');

    expect(way.steps.map((undo) => undo.step.id)).toEqual(['look']);
  });

  it('asks nobody where a person only looked', () => {
    const way = done({ instructions: 'look at the rack', changes: false }, 'reversible');

    expect(way).toEqual({ steps: [] });
  });

  it('ends where a person did what cannot be taken back', () => {
    const way = done({ instructions: 'wipe the disk' }, 'oneWay');

    expect(way.steps).toEqual([]);
    expect(way.barrier?.id).toBe('look');
  });
});
