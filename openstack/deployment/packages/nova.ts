import { type PlanContext, type PlannedService, hostsOfServices } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { ServiceUnit } from '../intents.ts';
import { unitNames, unitsOf } from './units.ts';

const novaOf = (all: readonly PlannedService[]): PlannedService | undefined =>
  all.find(({ known }) => known.name === 'nova');

/**
 * Lets old and new computes understand each other while both are there. nova reads it when it starts, and on rollback
 * its old services have been started before the file is as it was.
 */
export function pinSteps(context: PlanContext, all: readonly PlannedService[]): StepDraft[] {
  const nova = novaOf(all);
  if (nova === undefined) return [];
  return levelSteps(context, nova, {
    id: 'nova-pin',
    title: "pin nova's RPC version for mixed computes",
    units: unitsOf([nova], 'before'),
    purpose: 'pin-rpc',
    params: { level: 'auto', restart: false },
  });
}

/** Takes the pin away once all computes report the new release; a restart alone makes nova ask again. */
export function unpinSteps(context: PlanContext, all: readonly PlannedService[]): StepDraft[] {
  const nova = novaOf(all);
  if (nova === undefined) return [];
  return levelSteps(context, nova, {
    id: 'nova-unpin',
    title: "unpin nova's RPC version and restart nova",
    units: unitsOf([nova], 'after'),
    purpose: 'unpin-rpc',
    params: { level: 'off' },
  });
}

interface Level {
  readonly id: string;
  readonly title: string;
  readonly purpose: StepDraft['purpose'];
  /** Also those that nova shares with other services, such as Apache. */
  readonly units: readonly ServiceUnit[];
  readonly params: Readonly<Record<string, unknown>>;
}

function levelSteps(
  context: PlanContext,
  nova: PlannedService,
  { id, title, purpose, units, params }: Level,
): StepDraft[] {
  const onComputes = new Set(
    units.filter(({ tier }) => tier === 'compute').map(({ name }) => name),
  );
  return groupedHosts(hostsOfServices(context.cloud, [nova]), (host) => unitNames(units, host)).map(
    ({ hosts, value }) => ({
      id,
      title,
      kind: 'nova-pin',
      purpose,
      on: hosts,
      params: { paths: novaFiles(nova), ...params, units: value, manager: context.manager },
      // APIs go on behind the balancer while one control host restarts, and instances while all computes do.
      ...(value.every((name) => onComputes.has(name)) ? {} : { batch: 1 }),
      service: 'nova',
    }),
  );
}

/** The file that services of nova read, as its releases place it. */
const novaFiles = ({ after }: PlannedService): string[] => {
  const paths = after.config.map(({ path }) => path).filter((path) => path.endsWith('/nova.conf'));
  return [...new Set(paths.length === 0 ? ['/etc/nova/nova.conf'] : paths)];
};
