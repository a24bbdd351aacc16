import { commandName } from '../../../handlers/contract/command.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import type { StepDraft } from '../../plan/step-drafts.ts';
import type { ServiceUnit } from '../intents.ts';

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
    return [
      {
        id: `${known.name}-check-${when}`,
        title: `${commandName(check.run)}${checked[when]}`,
        kind: 'upgrade-check',
        purpose: 'upgrade-check',
        on: moving.mainHosts.slice(0, 1),
        params: { service: known.name, ...check },
        service: known.name,
      },
    ];
  });

const checked = {
  before: '',
  synced: ' on the new schema',
  after: ' after the upgrade',
} as const;

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

const novaName = ({ services }: PlanContext, host: string): string =>
  services.openstack['nova']?.names[host] ?? host;

/** Uses the cloud the way a user would; needs its `openrc`. `host`: where its instance runs. */
export function smokeSteps(
  context: PlanContext,
  { title, host }: { readonly title: string; readonly host?: string },
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
      params: {
        openrc: openrc.file,
        ...own,
        volume,
        ...(host !== undefined && {
          zone: [context.zones[host], novaName(context, host)].join(':'),
        }),
      },
    },
  ];
}
