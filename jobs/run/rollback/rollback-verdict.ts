import { firstUndone, planRollback } from './rollback.ts';
import type { Run } from '../run.ts';
import type { Action, Verdict } from '../action.ts';

/** Whether, and as which event, a run may be rolled back. Pure. */
export function rollbackVerdict(
  run: Run,
  { step }: Pick<Action, 'step'>,
  { by, at }: { readonly by: string; readonly at: string },
): Verdict {
  if (step !== undefined && !run.plan.steps.some(({ id }) => id === step)) {
    const ids = run.plan.steps.map(({ id }) => id).join(', ');
    return incomplete(`the plan has no step ${step}; its steps are ${ids}`);
  }
  const way = planRollback(run, step);
  const ids = run.plan.steps.map(({ id }) => id);
  if (
    step !== undefined &&
    way.barrier !== undefined &&
    ids.indexOf(step) <= ids.indexOf(way.barrier.id)
  ) {
    return incomplete(
      `a rollback cannot go to before "${way.barrier.title}": it is ${way.barrier.exit === 'oneWay' ? 'one-way' : 'not covered by a backup'}. It can go to just after it: /upgrade rollback ${run.id}`,
    );
  }
  if (way.to === undefined) return incomplete('nothing that began would be undone');
  if (way.needs !== undefined) {
    return incomplete(
      `that would leave ${way.needs.restores === 'hosts' ? 'hosts' : 'schemas or data'} as the run changed them: only the restore of "${way.needs.title}" undoes them. Roll back to before that: /upgrade rollback ${run.id} ${way.needs.id}`,
    );
  }
  const undone = firstUndone(run);
  if (undone !== undefined && ids.indexOf(way.to) > ids.indexOf(undone.id)) {
    return incomplete(
      `undoing "${undone.title}" has begun already, so the rollback goes to before it at least: /upgrade rollback ${run.id} ${undone.id}`,
    );
  }
  return { event: { type: 'RollbackRequested', at, by, to: way.to } };
}

const incomplete = (reason: string): Verdict => ({ refused: 'incomplete', reason });
