import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  approvalRequested,
  gateApproved,
  planOf,
  readyRun,
  started,
  step,
  succeeded,
  work,
} from './events.ts';

export const computeHosts = ['cmp1', 'cmp2', 'cmp3', 'cmp4'];
export const twoStepPlan = planOf(step('one'), step('two'));
export const computesPlan = (rest: object = {}): Plan =>
  planOf(step('one', { hosts: computeHosts, batch: 2, ...rest }), step('two'));

/** A run that was approved. */
export const approvedRun = (of: Plan, ...events: readonly RunEvent[]): Run =>
  readyRun(of, approvalRequested('one'), gateApproved('one', of), ...events);

export const startDecision = (of: Work) => ({ do: 'start', work: of });
export const workOnHost = (host: string) => work('one', host);
export const undoWork = (id: string, host = 'ctl1') => work(id, host, { phase: 'undo' });
export const doneEvents = (of: Work): RunEvent[] => [started(of), succeeded(of)];
