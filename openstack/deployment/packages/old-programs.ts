import type { PlannedHop } from '../deployment.ts';
import type { StepDraft } from '../../plan/context.ts';
import { backupSteps } from './backup.ts';
import { rulesOn } from './rules.ts';

/** Data that only the programs of the old release can move, where the path begins with it; with a dump of its own. */
export function oldProgramSteps(planned: PlannedHop): StepDraft[] {
  const moved = planned.all.flatMap((service) => {
    const steps = rulesOn(planned, { slot: 'afterStop', of: [service] });
    return steps.length === 0 ? [] : [{ service, steps }];
  });
  if (moved.length === 0) return [];
  const services = moved.map(({ service }) => service);
  const backups = backupSteps(planned.context, services, `${planned.hop.from}.before`);
  return [
    ...backups.map((draft) => ({ ...draft, id: `${draft.id}-before` })),
    ...moved.flatMap(({ steps }) => steps),
  ];
}
