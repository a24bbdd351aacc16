import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  approvalRequested,
  approved,
  plan,
  readyRun,
  started,
  step,
  succeeded,
  work,
} from './events.ts';

export const hosts = ['cmp1', 'cmp2', 'cmp3', 'cmp4'];
export const one = plan(step('one'), step('two'));
export const computes = (rest: object = {}): Plan =>
  plan(step('one', { hosts, batch: 2, ...rest }), step('two'));

/** A run that was approved. */
export const running = (of: Plan, ...events: readonly RunEvent[]): Run =>
  readyRun(of, approvalRequested('one'), approved('one', of), ...events);

export const start = (of: Work) => ({ do: 'start', work: of });
export const on = (host: string) => work('one', host);
export const undo = (id: string, host = 'ctl1') => work(id, host, { phase: 'undo' });
export const done = (of: Work): RunEvent[] => [started(of), succeeded(of)];
