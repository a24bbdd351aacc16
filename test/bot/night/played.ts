import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import * as e from '../../support/runs/events.ts';

/** The log of a run of this plan in which all goes well, a second an event, and every gate is approved by one more person. */
export function playForward(plan: Plan): RunEvent[] {
  const events: RunEvent[] = [e.requested(plan), ...Object.keys(plan.targets).map(e.hostReady)];
  for (const step of plan.steps) {
    if (step.gate !== undefined) events.push(e.approvalRequested(step.id));
    for (let nth = 0; nth < (step.gate ?? 0); nth += 1)
      events.push(approval(step.id, plan, `UBEN${nth}`));
    for (const host of step.hosts) {
      const work = e.work(step.id, host);
      events.push(...done(work, step.doer === 'person'));
    }
  }
  return e.inOrder(...events);
}

/** The same, rolled back by two people once it has ended. */
export function playBack(forward: readonly RunEvent[]): RunEvent[] {
  const ended = evolve(fold(forward), e.runEnded('succeeded'));
  const { steps, to = '' } = planRollback(ended);
  const back = steps.flatMap(({ step, hosts }) =>
    hosts.flatMap((host) => done(e.work(step.id, host, { phase: 'undo' }), step.doer === 'person')),
  );
  const asked = e.rollbackProposed(to, { by: 'UANN' });
  return e.inOrder(
    ...forward,
    e.runEnded('succeeded'),
    asked,
    { ...e.rollbackRequested(to), askedBy: 'UANN' } as RunEvent,
    ...back,
    e.runEnded('rolledBack'),
  );
}

const approval = (gate: string, plan: Plan, by: string): RunEvent =>
  ({
    ...e.gateApproved(gate, plan, by),
    planHash: planHash(plan),
  }) as RunEvent;

const done = (work: Work, isForPerson: boolean): RunEvent[] =>
  isForPerson
    ? [e.personAsked(work), e.proofGiven(work, 'done')]
    : [e.started(work), e.succeeded(work)];
