import { actOnRun } from '../../../jobs/run/act.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  gateApproved,
  failed,
  inOrder,
  linkWasLost,
  paused,
  personAsked,
  planOf,
  readyRun,
  rejected,
  requested,
  rollbackRequested,
  runEnded,
  started,
  step,
  stopped,
  succeeded,
  outcomeUnknown,
  work,
} from './events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import type { Action, ActionName, PersonRights, Verdict } from '../../../jobs/run/action.ts';

export const ann: PersonRights = { id: 'UANN', isEngineer: true, isApprover: true }; // starts the runs
export const ben: PersonRights = { id: 'UBEN', isEngineer: false, isApprover: true };
export const chie: PersonRights = { id: 'UCHIE', isEngineer: false, isApprover: true };
export const dan: PersonRights = { id: 'UDAN', isEngineer: true, isApprover: false };
export const eve: PersonRights = { id: 'UEVE', isEngineer: false, isApprover: false };

export const pressedAt = after(600);
export const hostsPlan = planOf(step('one', { hosts: ['ctl1', 'cmp1'] }), step('two'));
export const personPlan = planOf(step('look', { doer: 'person' }));
export const walledPlan = planOf(step('one'), step('wall', { exit: 'oneWay' }), step('three'));
export const workHere = work('one');
export const workThere = work('one', 'cmp1');
export const stuckHere = { phase: 'apply', step: 'one', hosts: ['ctl1'] } as const;
export const stuckEvent = (hosts: string[]) => ({ ...stuckHere, hosts });

export const runningState = (...events: readonly RunEvent[]): Run =>
  readyRun(hostsPlan, approvalRequested('one'), gateApproved('one', hostsPlan), ...events);
export const pressOn = (
  run: Run,
  who: PersonRights,
  name: ActionName,
  rest: Partial<Action> = {},
): Verdict => actOnRun(run, { name, ...rest }, who, pressedAt);

export const runStates = {
  checking: fold(inOrder(requested(hostsPlan))),
  asking: readyRun(hostsPlan, approvalRequested('one')),
  running: runningState(started(workHere)),
  failed: runningState(started(workHere), failed(workHere)),
  silent: runningState(started(workHere), linkWasLost(workHere), outcomeUnknown(workHere)),
  alive: runningState(started(workHere), stopped(workHere, [{ pid: 7, command: 'apt-get' }])),
  personAsked: readyRun(
    personPlan,
    approvalRequested('look'),
    gateApproved('look', personPlan),
    personAsked(work('look')),
  ),
  paused: runningState(started(workHere), paused()),
  pausedAtGate: readyRun(hostsPlan, approvalRequested('one'), paused()),
  rollingBack: runningState(started(workHere), succeeded(workHere), rollbackRequested('one')),
  aborting: runningState(started(workHere), abortRequested()),
  outlived: runningState(
    started(workHere),
    abortRequested(),
    stopped(workHere, [{ pid: 7, command: 'apt-get' }]),
  ),
  succeeded: runningState(started(workHere), succeeded(workHere), runEnded('succeeded')),
  nothingDone: readyRun(hostsPlan, rejected('one', 'no'), runEnded('rejected')),
  rolledBack: runningState(started(workHere), rollbackRequested('one'), runEnded('rolledBack')),
} satisfies Record<string, Run>;
