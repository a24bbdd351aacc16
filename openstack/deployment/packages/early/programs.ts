import type { PlannedService } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';
import type { PlannedHop } from '../../deployment.ts';
import { mainPackages } from '../service.ts';
import { repositoryStep } from './repository.ts';

/** The programs of the release that a hop leads to, and no other archive: an older release's, or the one's that is installed. */
export const swappedPrograms = (
  { context, hop, all }: PlannedHop,
  to: 'older' | 'newer',
): StepDraft[] => [
  repositoryStep(context, hop),
  ...all.flatMap((moving) => {
    const steps = mainPackages(context, moving);
    return to === 'newer' ? steps : steps.map((step) => brought(moving, step));
  }),
];

const brought = ({ known, hop }: PlannedService, { params, ...step }: StepDraft): StepDraft => ({
  ...step,
  id: `${known.name}-repair`,
  title: `bring ${known.title}'s packages back`,
  kind: 'package-repair',
  purpose: 'repair-packages',
  params: { series: hop.to, packages: packagesOf(known.name, params) },
});

/** What is installed by name, and all that carries the service's name: its parts depend on each other by exact version. */
const packagesOf = (service: string, { install }: StepDraft['params']): unknown[] => [
  ...new Set([service, ...(Array.isArray(install) ? (install as unknown[]) : [])]),
];
