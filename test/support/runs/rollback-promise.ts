import type { RunEvent } from '../../../jobs/run/events.ts';
import type { PlanStep } from '../../../jobs/run/plan.ts';
import { type Run, hostStep, isPassed } from '../../../jobs/run/run.ts';
import { mustHold } from './must-hold.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A rollback that waits for a second person, and what had begun when it was asked for. */
export type AskedRollback = Of<'RollbackProposed'> & { readonly begun: string };

/** What is asked for after this event. */
export function askedAfter(
  asked: AskedRollback | undefined,
  before: Run,
  event: Of<'RollbackProposed' | 'RollbackDeclined' | 'AbortRequested' | 'RollbackRequested'>,
): AskedRollback | undefined {
  if (event.type === 'RollbackRequested') checkRollback(asked, before, event);
  return event.type === 'RollbackProposed' ? { ...event, begun: begunAnywhere(before) } : undefined;
}

/** Once something has moved that no undo of a step alone puts back, two people want the same, or one waited for nobody. */
function checkRollback(
  asked: AskedRollback | undefined,
  before: Run,
  event: Of<'RollbackRequested'>,
): void {
  const moved = before.plan.steps.filter(
    (step) => step.exit !== 'reversible' && begunOn(before, step).length > 0,
  );
  if (moved.length === 0) return;
  mustHold(asked?.to === event.to, 'a rollback that costs something was asked for first');
  mustHold(asked?.begun === begunAnywhere(before), 'it costs what it cost when it was asked for');
  const walls = moved.filter(({ exit }) => exit === 'oneWay');
  mustHold(walls.length === 0 || asked?.phrase !== undefined, 'the phrase was typed');
  if (event.alone === undefined) {
    mustHold(event.askedBy === asked?.by, 'who asked is named');
    mustHold(event.by !== asked?.by, 'a second person confirms');
    return;
  }
  const waited = Date.parse(event.at) - Date.parse(asked?.at ?? '');
  mustHold(event.by === asked?.by, 'only who asked goes alone');
  mustHold(waited >= (asked?.aloneAfterMs ?? Infinity), 'nobody goes alone too early');
  mustHold(event.alone.reason !== '', 'whoever goes alone says why');
}

const begunAnywhere = (run: Run): string =>
  JSON.stringify(run.plan.steps.map((step) => begunOn(run, step)));

export const begunOn = (run: Run, { id, hosts }: PlanStep): string[] =>
  hosts.filter((host) => hostStep(run, { phase: 'apply', step: id, host }).began);

/** Snapshots of hosts are restored only where a later step needs them, dumps only where one has changed something since. */
export function isWorthUndoing(run: Run, step: PlanStep): boolean {
  const { steps } = run.plan;
  const later = steps.slice(steps.indexOf(step) + 1).filter((one) => begunOn(run, one).length > 0);
  if (isDump(step) && hasWorked(run, step) && !hasUndone(run, step))
    return later.some(
      (one) => !isDump(one) && one.restores === undefined && one.purpose !== 'check',
    );
  return (
    step.restores !== 'hosts' ||
    later.some(
      (one) =>
        one.restoredBy === 'hosts' &&
        begunOn(run, one).some((host) => backupOf(run, one, host) === step),
    )
  );
}

export function backupOf(run: Run, step: PlanStep, host: string): PlanStep | undefined {
  const { steps } = run.plan;
  const isOf = (backup: PlanStep): boolean =>
    step.restoredBy === 'hosts'
      ? backup.restores === 'hosts' && backup.covers?.includes(host) === true
      : isDump(backup);
  return steps.slice(0, steps.indexOf(step)).findLast((one) => isOf(one) && hasWorked(run, one));
}

/** Also where its undo has only begun. */
export const hasUndone = (run: Run, { id, hosts }: PlanStep): boolean =>
  hosts.some((host) => {
    const undo = hostStep(run, { phase: 'undo', step: id, host });
    return undo.began || isPassed(undo);
  });

const isDump = ({ restores, isBackup }: PlanStep): boolean =>
  restores === 'databases' || isBackup === true;

const hasWorked = (run: Run, { id, hosts }: PlanStep): boolean =>
  hosts.every((host) => hostStep(run, { phase: 'apply', step: id, host }).status === 'succeeded');
