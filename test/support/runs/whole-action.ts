import type { Action } from '../../../jobs/run/action.ts';
import { rollbackDemand } from '../../../jobs/run/rollback/rollback-demand.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { modelPeople } from './small-plans.ts';

/** What the desk and the person who presses add to an action on a run: the phrase, and the rights of who asked. */
export function wholeAction(run: Run, action: Action): Action {
  if (action.name === 'rollback') {
    const { phrase } = rollbackDemand(run, planRollback(run, action.step));
    return phrase === undefined ? action : { ...action, phrase };
  }
  const proposer = modelPeople.find(({ id }) => id === run.proposed?.by);
  return proposer === undefined ? action : { ...action, proposer };
}
