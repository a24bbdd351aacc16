import { type RunEvent, type Work, executionId } from '../../jobs/run/events.ts';
import { type Run, hostStep, isPassed } from '../../jobs/run/run.ts';
import { mustHold } from '../support/runs/must-hold.ts';
import type { SimHost } from './host.ts';

/** Holds what the log is told against what really happened on the hosts. */
export function judgeEvent(hosts: readonly SimHost[], before: Run, event: RunEvent): void {
  if (event.type === 'RunEnded') return judgeEnd(hosts, before, event);
  if (!('work' in event)) return;
  const { work } = event;
  const host = hosts.find(({ name }) => name === work.host);
  const entry = host?.ledger.get(executionId(before.id, work));
  if (event.type === 'StepSucceeded')
    mustHold(entry?.exit === 0, 'what is said to have succeeded ended with exit 0');
  if (event.type === 'StepFailed' && event.neverBegan === true)
    mustHold(entry === undefined, 'what is said never to have begun did not begin');
  if (event.type === 'StepFailed' && event.exit !== undefined)
    mustHold(entry?.exit === event.exit, 'what is said to have failed ended with that exit');
  if (event.type === 'StepStopped' && event.alive.length === 0 && event.unseen === undefined)
    mustHold(living(hosts, before, work) === 0, 'what is said to have ended does not live');
}

function judgeEnd(
  hosts: readonly SimHost[],
  before: Run,
  { outcome }: Extract<RunEvent, { type: 'RunEnded' }>,
): void {
  if (outcome === 'succeeded') checkSucceeded(before);
  for (const host of hosts)
    for (const { id, isChild } of host.processes)
      mustHold(
        isChild || isSkipped(before, id, host.name) || isGivenUp(before, host),
        'nothing lives on when the run has ended, but what a person skipped',
      );
}

function checkSucceeded(run: Run): void {
  for (const { id, hosts, maxFailures } of run.plan.steps) {
    const left = hosts
      .map((host) => hostStep(run, { phase: 'apply', step: id, host }))
      .filter((state) => !isPassed(state));
    const isTolerated =
      left.length <= maxFailures && left.every(({ status }) => status === 'failed');
    mustHold(isTolerated, 'a run that succeeded did all of its steps');
  }
}

/** What of any attempt at this work is alive. */
function living(hosts: readonly SimHost[], run: Run, work: Work): number {
  const ids = Array.from({ length: work.attempt }, (_, index) =>
    executionId(run.id, { ...work, attempt: index + 1 }),
  );
  const host = hosts.find(({ name }) => name === work.host);
  return host?.processes.filter(({ id }) => ids.includes(id)).length ?? 0;
}

/** It does not answer, and that is said, or a person went on without it. */
const isGivenUp = (run: Run, { name, isSilent }: SimHost): boolean =>
  run.unheard?.includes(name) === true ||
  (isSilent &&
    [run.apply, run.undo].some((steps) =>
      Object.values(steps).some((hosts) => hosts.get(name)?.status === 'skipped'),
    ));

function isSkipped(run: Run, id: string, host: string): boolean {
  const [, step = '', , last = ''] = id.split('.');
  const phase = last.startsWith('undo') ? 'undo' : 'apply';
  return hostStep(run, { phase, step, host }).status === 'skipped';
}
