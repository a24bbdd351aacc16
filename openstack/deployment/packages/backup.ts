import {
  databaseName,
  type PlanContext,
  type PlannedService,
  type StepDraft,
} from '../../plan/context.ts';
import { schemaSyncs } from './service.ts';

/**
 * One consistent dump of all databases of these services. A hop's dumps need labels of their own: by its label a rollback
 * finds the dump that belongs to a step.
 */
export function backupSteps(
  context: PlanContext,
  all: readonly PlannedService[],
  label: string | undefined = all[0]?.hop.from,
): StepDraft[] {
  const { on, defaultsFile, backups } = context.services.database;
  const hosts = on.slice(0, 1);
  const [moving] = all;
  const databases = all.flatMap((one) =>
    schemaSyncs(one).flatMap(({ database, also = [] }) => [
      ...[database, ...also].map((name) => databaseName(context, name)),
      ...(database === 'nova' ? context.cells.map((cell) => cell.database) : []),
    ]),
  );
  if (moving === undefined || databases.length === 0) return [];
  return [
    {
      id: 'backup',
      title: `back up ${databases.join(', ')} (and prove it by a restore)`,
      kind: 'database-backup',
      purpose: 'back-up',
      on: hosts,
      params: {
        defaultsFile,
        databases,
        directory: backups,
        label,
        scratchPrefix: 'hopscotch_check_',
      },
    },
  ];
}
