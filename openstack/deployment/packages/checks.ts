import { commandName } from '../../../handlers/contract/command.ts';
import { type PlanContext, novaName, type PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { ServiceUnit } from '../intents.ts';
import { schemaSyncs } from './schemas.ts';
import { unitNames, unitsBeside } from './units.ts';
import type { PlannedHop } from '../deployment.ts';

/**
 * What a service's own check says: of the release that is left before anything stops; of the new one once its schema is
 * there, and again when all hosts run it.
 */
export const upgradeCheckSteps = (
  all: readonly PlannedService[],
  when: keyof typeof checked,
): StepDraft[] =>
  all.flatMap((moving) => {
    const check = moving[when === 'before' ? 'before' : 'after'].upgradeCheck;
    if (check === undefined || check.broken !== undefined) return [];
    const { known } = moving;
    return onFirst(moving, {
      id: `${known.name}-check-${when}`,
      title: `${commandName(check.run)}${checked[when]}`,
      kind: 'upgrade-check',
      purpose: 'upgrade-check',
      params: { service: known.name, ...check },
    });
  });

const checked = {
  before: '',
  synced: ' on the new schema',
  after: ' after the upgrade',
} as const;

/**
 * Finishes what a release moves while its services run. Before the hop they are still there and read both forms; after
 * it, the dump of the hop is the rollback.
 */
export const dataMigrationSteps = (
  context: PlanContext,
  all: readonly PlannedService[],
  when: 'before' | 'after',
): StepDraft[] =>
  all.flatMap((moving) => {
    const data = moving[when].dataMigration;
    if (data === undefined) return [];
    const { known, hop } = moving;
    const log = moving[when].log;
    const draft: Omit<StepDraft, 'on'> = {
      id: `${known.name}-data-${when}`,
      title: `${known.title} online data migrations (${hop.titles[when === 'before' ? 'from' : 'to']})`,
      kind: 'data-migration',
      purpose: 'migrate-data',
      params: {
        service: known.name,
        series: when === 'before' ? hop.from : hop.to,
        ...data,
        maxRounds: 10_000,
        ...(log !== undefined && { log }),
        ...(when === 'before' && { putBack: false }),
      },
    };
    return [
      ...onFirst(moving, draft),
      // Each cell has a database of its own, which only its own hosts' files name.
      ...(known.name === 'nova' ? context.cells : []).map(({ name, host }) => ({
        ...draft,
        id: `${draft.id}-${name}`,
        title: `${draft.title} in ${name}`,
        on: [host],
        service: known.name,
      })),
    ];
  });

/** Whether cells are mapped and reachable; where nova has them. */
export const cellSteps = (context: PlanContext, all: readonly PlannedService[]): StepDraft[] =>
  all
    .filter((moving) => schemaSyncs(moving).some(({ database }) => database === 'nova_api'))
    .flatMap((moving) =>
      onFirst(moving, {
        id: 'cells',
        title: "check that nova's cells are mapped and answer",
        kind: 'cells',
        purpose: 'check',
        params: {
          defaultsFile: context.services.database.defaultsFile,
          database: moving.here.databases['nova_api'] ?? 'nova_api',
        },
      }),
    );

/** What has a row of its own besides computes and agents. */
const reportsItself = /^(nova-(conductor|scheduler|consoleauth)|cinder-(scheduler|volume|backup))$/;

/** Services that say they are down, or whose host is gone: newer releases take them for old ones that still run. */
export function serviceRowSteps(
  context: PlanContext,
  all: readonly PlannedService[],
  stopped: readonly ServiceUnit[] = [],
): StepDraft[] {
  const { openrc } = context.services;
  if (openrc === undefined) return [];
  // These services call a host as nova does.
  const down = (service: PlannedService): string[] =>
    stopped
      .filter(({ moving, name }) => moving === service && reportsItself.test(name))
      .flatMap(({ name, hosts }) => hosts.map((host) => `${name}@${novaName(context, host)}`));
  return all
    .filter(({ known }) => ['nova', 'cinder', 'neutron'].includes(known.name))
    .map((service) => ({ known: service.known, mayBe: down(service) }))
    .map(({ known, mayBe }) => ({
      id: `${known.name}-rows`,
      title: `check that no ${known.title} service is down or gone`,
      kind: 'service-rows',
      purpose: 'check',
      on: openrc.on.slice(0, 1),
      params: {
        service: known.name,
        openrc: openrc.file,
        ...(mayBe.length > 0 && { down: mayBe }),
      },
      service: known.name,
    }));
}

/** Whether a process still runs what is no longer on disk: nothing else shows it until it breaks. */
export const staleSteps = ({ context, units }: PlannedHop): StepDraft[] =>
  groupedHosts(context.moved, (host) => unitNames(units.after, host)).map(({ hosts, value }) => ({
    id: 'stale',
    title: 'restart services that still run old programs or libraries',
    kind: 'stale-processes',
    purpose: 'restart',
    on: hosts,
    params: { units: value, restart: true },
  }));

/** Services that stay at their release share libraries with those that moved: running ones hold on to what is gone. */
export function neighbourSteps({ context, hop }: PlannedHop): StepDraft[] {
  const beside = unitsBeside(context, hop.from);
  return groupedHosts(context.moved, (host) => [...new Set(beside(host))])
    .filter(({ value }) => value.length > 0)
    .map(({ hosts, value }) => ({
      id: 'neighbours-stale',
      title: 'restart neighbouring services that still run old libraries',
      kind: 'stale-processes',
      purpose: 'restart',
      on: hosts,
      params: { units: value, restart: true },
    }));
}

/** What a service says of deprecated options in its files. */
export function reportSteps(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { after, known } = moving;
  if (after.report === undefined) return [];
  const { part, ...report } = after.report;
  const hosts = (moving.here.parts[part] ?? []).slice(0, 1);
  if (hosts.length === 0) return [];
  return [
    {
      id: `${known.name}-report`,
      title: `collect ${known.title}'s warnings about its options`,
      kind: 'config-report',
      purpose: 'report',
      on: hosts,
      params: { service: known.name, manager: context.manager, ...report },
      service: known.name,
    },
  ];
}

/** Uses the cloud the way a user would; needs its `openrc`. */
export function smokeSteps(
  context: PlanContext,
  { title, zone }: { readonly title: string; readonly zone?: string },
): StepDraft[] {
  const { openrc, smoke, openstack } = context.services;
  const has = (name: string): boolean => context.chosen.some(({ known }) => known.name === name);
  if (openrc === undefined || !has('nova')) return [];
  const { volume = openstack['cinder'] !== undefined && has('cinder'), ...own } = smoke;
  return [
    {
      id: 'smoke',
      title,
      kind: 'smoke',
      purpose: 'smoke-test',
      on: openrc.on.slice(0, 1),
      params: { openrc: openrc.file, ...own, volume, ...(zone !== undefined && { zone }) },
    },
  ];
}

const onFirst = (moving: PlannedService, draft: Omit<StepDraft, 'on'>): StepDraft[] => [
  { ...draft, on: moving.mainHosts.slice(0, 1), service: moving.known.name },
];
