import { type RunEvent, executionId } from '../../jobs/run/events.ts';
import type { LedgerLine } from './ledger.ts';

export interface Witnesses {
  readonly run: string;
  readonly events: readonly RunEvent[];
  readonly ledger: readonly LedgerLine[];
  /** Executions that live still, once the run has ended. */
  readonly living: readonly string[];
}

/** What a run's log claims that the ledger of its hosts contradicts, and what happened there that the log does not know. */
export function brokenPromises({ run, events, ledger, living }: Witnesses): string[] {
  const begun = new Set<string>();
  const broken: string[] = [];
  for (const event of events) {
    if (event.type === 'StepStarted') begun.add(executionId(run, event.work));
    if (event.type === 'HostRecalled')
      for (const { work } of event.begun) begun.add(executionId(run, work));
  }
  const starts = ledger.filter(({ is }) => is === 'start').map(({ execution }) => execution);
  for (const execution of new Set(starts)) {
    if (starts.filter((one) => one === execution).length > 1) broken.push(`doubled: ${execution}`);
    if (!begun.has(execution)) broken.push(`lost: ${execution} ran, and the log does not know it`);
  }
  for (const event of events) {
    if (event.type !== 'StepSucceeded' && event.type !== 'StepFailed') continue;
    const execution = executionId(run, event.work);
    const end = ledger.find((line) => line.is === 'end' && line.execution === execution);
    if (event.type === 'StepSucceeded' && end?.exit !== 0)
      broken.push(`wrong: ${execution} is said to have succeeded, and ended ${end?.exit}`);
    if (event.type === 'StepFailed' && event.cause === 'exit' && end?.exit === 0)
      broken.push(`wrong: ${execution} is said to have failed, and ended well`);
    if (event.type === 'StepFailed' && event.neverBegan === true && starts.includes(execution))
      broken.push(`wrong: ${execution} is said never to have begun, and did`);
  }
  for (const event of events)
    if (event.type === 'StepStopped' && event.alive.length === 0 && event.unseen === undefined)
      if (living.includes(executionId(run, event.work)))
        broken.push(`wrong: ${executionId(run, event.work)} is said to have ended, and lives`);
  return broken;
}
