import type { PlannedHop } from '../deployment/deployment.ts';
import { laterParts, type PlannedService, type StepDraft } from './context.ts';
import type { RuleSlot } from './turns.ts';

/**
 * One hop, service by service: after it every chosen service runs the next release on every host.
 *
 * A rollback undoes steps strictly last first, so a step stands where its undo is right. Backwards a hop reads: new
 * programs stopped, databases restored, packages, files, repository, and only then old programs started, so that none
 * ever runs on the schema of another release. Therefore everything is stopped before even the repository changes, and
 * the packages of all hosts move before the dump. Forwards, nothing writes between the dump and the end of a sync,
 * packages that fail cost no row, and services start with the libraries that they will keep.
 */
export function byService(planned: PlannedHop): StepDraft[] {
  const { all, deployment } = planned;
  const first = all.filter(({ known }) => !known.last);
  const last = all.filter(({ known }) => known.last);
  const adapt = (slot: RuleSlot) => deployment.adapt(planned, { slot });
  return [
    ...deployment.check(planned, { what: 'packages', isPartial: true }),
    ...deployment.backUp(planned, { what: 'packages', isPartial: true }),
    ...deployment.check(planned, { what: 'own checks', when: 'before' }),
    ...deployment.migrateData(planned, 'before'),
    ...deployment.backUp(planned, { what: 'hosts', isPartial: true }),
    ...adapt('beforeStop'),
    ...deployment.stop(planned),
    ...oldProgramSteps(planned),
    ...deployment.upgradePackages(planned, { what: 'sources', of: all }),
    ...deployment.writeConfiguration(planned, { when: 'beforePackages' }),
    ...first.flatMap((service) => mainPackages(planned, service)),
    ...deployment.upgradePackages(planned, { what: 'rest', of: first }),
    ...last.flatMap((service) => mainPackages(planned, service)),
    ...deployment.writeConfiguration(planned, { when: 'afterPackages' }),
    ...adapt('afterPackages'),
    ...deployment.backUp(planned, { what: 'databases', of: all }),
    ...first.flatMap((service) => activated(planned, service)),
    ...first.flatMap((of) => deployment.start(planned, { of, parts: laterParts(of), batch: 1 })),
    ...last.flatMap((service) => activated(planned, service)),
    ...adapt('afterServices'),
    ...deployment.migrateData(planned, 'after'),
    ...deployment.check(planned, { what: 'own checks', when: 'after' }),
    ...deployment.check(planned, { what: 'stale', of: 'neighbours' }),
  ];
}

/** Data that only the programs of the old release can move, where the path begins with it; with a dump of its own. */
export function oldProgramSteps(planned: PlannedHop): StepDraft[] {
  const { all, hop, deployment } = planned;
  const steps = (service: PlannedService) =>
    deployment.adapt(planned, { slot: 'afterStop', of: [service] });
  const moved = all.filter((service) => steps(service).length > 0);
  if (moved.length === 0) return [];
  const backups = deployment.backUp(planned, {
    what: 'databases',
    of: moved,
    label: `${hop.from}.before`,
  });
  return [
    ...backups.map((draft) => ({ ...draft, id: `${draft.id}-before` })),
    ...moved.flatMap(steps),
  ];
}

/** What a service has on the hosts of its main part. */
const mainPackages = (planned: PlannedHop, service: PlannedService): StepDraft[] => [
  ...planned.deployment.adapt(planned, { slot: 'beforePackages', of: [service] }),
  ...planned.deployment.upgradePackages(planned, { what: 'main', of: [service] }),
];

/** Leads the databases of a service to the new release, then starts its main part and looks whether it answers. */
function activated(planned: PlannedHop, service: PlannedService): StepDraft[] {
  const { deployment } = planned;
  const of = [service];
  return [
    ...deployment.adapt(planned, { slot: 'beforeSync', of }),
    ...deployment.syncSchema(planned, service),
    ...deployment.adapt(planned, { slot: 'afterSync', of }),
    ...deployment.start(planned, { of: service, parts: [service.known.main] }),
    ...deployment.check(planned, { what: 'warnings', of }),
    ...deployment.check(planned, { what: 'answers', of }),
    ...deployment.adapt(planned, { slot: 'afterStart', of }),
  ];
}
