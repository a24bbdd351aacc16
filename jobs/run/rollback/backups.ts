import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { PlanStep } from '../plan.ts';

/** A step that only a backup can undo needs one before it, of what it changes. */
export function refuseUncovered(steps: readonly BackedStep[]): void {
  steps.forEach((step, index) => {
    if (step.exit !== 'restorable') return;
    const bare = backupsBefore(steps, index, step.hosts).findIndex((backup) => backup === -1);
    if (bare === -1) return;
    const isOfHosts = step.restoredBy === 'hosts';
    throw new OperatorError(
      `step ${step.id} has no rollback: no step before it makes a backup${isOfHosts ? ` of the whole host ${step.hosts[bare]}` : ''}`,
      {
        hint: `Put a step of kind ${isOfHosts ? 'host-snapshot' : 'database-backup'} before it.`,
        name: 'NoBackup',
      },
    );
  });
}

/** What of a step tells which backup undoes it. */
export type BackedStep = Pick<
  PlanStep,
  'id' | 'hosts' | 'exit' | 'restores' | 'isBackup' | 'covers' | 'restoredBy'
>;

/** What undoing a step restores, if it is a backup; in logs of older versions all backups were of databases. */
export const restoredWith = ({
  restores,
  isBackup,
}: Pick<PlanStep, 'restores' | 'isBackup'>): PlanStep['restores'] =>
  restores ?? (isBackup === true ? 'databases' : undefined);

/**
 * For each of these hosts of the step at `at`: the index of the latest backup before it that restores what the step changes
 * there; -1 for none. `isGood` says which backups count.
 */
export function backupsBefore<S extends BackedStep>(
  steps: readonly S[],
  index: number,
  hosts: readonly string[],
  isGood: (backup: S) => boolean = () => true,
): number[] {
  const wanted = steps[index]?.restoredBy ?? 'databases';
  const before = steps.slice(0, index);
  return hosts.map((host) =>
    before.findLastIndex(
      (step) =>
        restoredWith(step) === wanted && (step.covers?.includes(host) ?? true) && isGood(step),
    ),
  );
}
