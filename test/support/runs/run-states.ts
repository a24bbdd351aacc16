import { act } from '../../../jobs/run/act.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  abortRequested,
  after,
  approvalRequested,
  approved,
  failed,
  inOrder,
  linkLost,
  paused,
  personAsked,
  plan,
  readyRun,
  rejected,
  requested,
  rollbackRequested,
  runEnded,
  started,
  step,
  stopped,
  succeeded,
  unknown,
  work,
} from './events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import type { Action, ActionName, Person, Verdict } from '../../../jobs/run/action.ts';

export const ann: Person = { id: 'UANN', isEngineer: true, isApprover: true }; // starts the runs
export const ben: Person = { id: 'UBEN', isEngineer: false, isApprover: true };
export const chie: Person = { id: 'UCHIE', isEngineer: false, isApprover: true };
export const dan: Person = { id: 'UDAN', isEngineer: true, isApprover: false };
export const eve: Person = { id: 'UEVE', isEngineer: false, isApprover: false };

export const at = after(600);
export const one = plan(step('one', { hosts: ['ctl1', 'cmp1'] }), step('two'));
export const person = plan(step('look', { doer: 'person' }));
export const walled = plan(step('one'), step('wall', { exit: 'oneWay' }), step('three'));
export const here = work('one');
export const there = work('one', 'cmp1');
export const stuckHere = { phase: 'apply', step: 'one', hosts: ['ctl1'] } as const;
export const stuckEvent = (hosts: string[]) => ({ ...stuckHere, hosts });

export const running = (...events: readonly RunEvent[]): Run =>
  readyRun(one, approvalRequested('one'), approved('one', one), ...events);
export const press = (
  run: Run,
  who: Person,
  name: ActionName,
  rest: Partial<Action> = {},
): Verdict => act(run, { name, ...rest }, who, at);

export const states = {
  checking: fold(inOrder(requested(one))),
  asking: readyRun(one, approvalRequested('one')),
  running: running(started(here)),
  failed: running(started(here), failed(here)),
  silent: running(started(here), linkLost(here), unknown(here)),
  alive: running(started(here), stopped(here, [{ pid: 7, command: 'apt-get' }])),
  personAsked: readyRun(
    person,
    approvalRequested('look'),
    approved('look', person),
    personAsked(work('look')),
  ),
  paused: running(started(here), paused()),
  pausedAtGate: readyRun(one, approvalRequested('one'), paused()),
  rollingBack: running(started(here), succeeded(here), rollbackRequested('one')),
  aborting: running(started(here), abortRequested()),
  outlived: running(
    started(here),
    abortRequested(),
    stopped(here, [{ pid: 7, command: 'apt-get' }]),
  ),
  succeeded: running(started(here), succeeded(here), runEnded('succeeded')),
  nothingDone: readyRun(one, rejected('one', 'no'), runEnded('rejected')),
  rolledBack: running(started(here), rollbackRequested('one'), runEnded('rolledBack')),
} satisfies Record<string, Run>;
