import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Purpose, StepHop } from '../../jobs/files/purposes.ts';
import { type StepSpec } from '../../jobs/files/runbook.ts';
import type { PlacedService, PlacedServices } from '../cloud/placed.ts';
import type { CloudFacts } from '../cloud/facts.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { serviceOnDistribution } from '../knowledge/on-distribution.ts';
import type { Hop } from '../path/path.ts';
import type { KnownService, ServiceInRelease } from '../knowledge/service-schema.ts';
import type { ServiceRules } from './rules.ts';

/** All that a plan is made of. */
export interface PlanContext {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
  readonly services: PlacedServices;
  readonly facts: CloudFacts;
  readonly hops: readonly Hop[];
  /** How services are started on the hosts. */
  readonly manager: 'sysv' | 'systemd';
  /** All services of the cloud that are known, in their order, as its distribution packages them. */
  readonly present: readonly ChosenService[];
  /** Those that are upgraded. */
  readonly chosen: readonly ChosenService[];
  /** Every host that one of them has a part on, in the order of the cloud's file. */
  readonly moved: readonly string[];
  /** nova's cells beyond the one that its control hosts' files name, where nova is upgraded. */
  readonly cells: readonly FurtherCell[];
  /** Where the step failed that these steps lead on from. */
  readonly failed?: readonly string[];
}

interface FurtherCell {
  readonly name: string;
  readonly database: string;
  /** The first host of its conductors, where its schema is synced. */
  readonly host: string;
}

/** A service of the cloud that the plan upgrades. */
export interface ChosenService {
  readonly known: KnownService;
  readonly here: PlacedService;
  /** Where it is upgraded first, and commands for the whole of it run. */
  readonly mainHosts: readonly string[];
}

/** A service on one hop: what it is made of before and after. */
export interface PlannedService extends ChosenService {
  readonly hop: Hop;
  readonly before: ServiceInRelease;
  readonly after: ServiceInRelease;
  readonly rules: ServiceRules;
  /** By host: units that were looked for there and are not. */
  readonly missingUnits: CloudFacts['missingUnits'];
}

/** A step before it has its final id. */
export interface StepDraft {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly purpose: Purpose;
  readonly on: readonly string[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly batch?: number;
  /** Whether people approve before it begins, or how many. */
  readonly approval?: boolean | number;
  /** What to know before approving. */
  readonly notes?: string[];
  /** The service that it is about, if a single one. */
  readonly service?: string;
}

/** What follows from the services that are upgraded, and where they are. */
type Derived = 'manager' | 'present' | 'chosen' | 'moved' | 'cells';

/** A plan's context: services of these names are upgraded, or all. */
export function planContext(
  place: Omit<PlanContext, Derived>,
  names?: readonly string[],
): PlanContext {
  const present = chosenServices(place);
  const chosen = present.filter(({ known }) => names?.includes(known.name) !== false);
  const manager = hostDistribution(place)?.init ?? 'systemd';
  return upgradingOnly({ ...place, manager, present }, chosen);
}

/** The same for these services alone. */
export const upgradingOnly = (
  context: Omit<PlanContext, 'chosen' | 'moved' | 'cells'>,
  chosen: readonly ChosenService[],
): PlanContext => ({
  ...context,
  chosen,
  moved: hostsOfServices(context.cloud, chosen),
  cells: furtherCells(chosen),
});

/** The release of the distribution that the cloud's file says; unset where it says none, or none that is known. */
export const hostDistribution = ({
  knowledge,
  services,
}: Pick<PlanContext, 'knowledge' | 'services'>) =>
  services.packages && knowledge.distributions.distributions[services.packages.codename];

/** The services of a cloud that are known, in their order, as its distribution packages them. */
export function chosenServices({
  knowledge,
  services,
}: Pick<PlanContext, 'knowledge' | 'services'>): ChosenService[] {
  const distribution = hostDistribution({ knowledge, services });
  return knowledge.order.flatMap((name) => {
    const [service, here] = [knowledge.services[name], services.openstack[name]];
    if (service === undefined || here === undefined) return [];
    const known = distribution ? serviceOnDistribution(service, distribution) : service;
    return [{ known, here, mainHosts: here.parts[known.main] ?? [] }];
  });
}

/** The services of a cloud that stay as they are beside these. */
export const servicesBeside = (
  { present }: Pick<PlanContext, 'present'>,
  all: readonly ChosenService[],
): ChosenService[] =>
  present.filter(({ known }) => !all.some((moving) => moving.known.name === known.name));

/** Whether a host has a part of a service. */
export const isOnHost = ({ here }: Pick<ChosenService, 'here'>, host: string): boolean =>
  Object.values(here.parts).some((hosts) => hosts.includes(host));

/** Every host that a service has a part on, in the order of the cloud's file. */
export function hostsOfServices(cloud: Cloud, all: readonly ChosenService[]): string[] {
  const on = new Set(all.flatMap(({ here }) => Object.values(here.parts).flat()));
  return Object.keys(cloud.hosts).filter((host) => on.has(host));
}

const furtherCells = (chosen: readonly ChosenService[]): FurtherCell[] =>
  Object.entries(chosen.find(({ known }) => known.name === 'nova')?.here.cells ?? {}).flatMap(
    ([name, { database, on }]) => on.slice(0, 1).map((host) => ({ name, database, host })),
  );

export const zoneOf = ({ cloud }: Pick<PlanContext, 'cloud'>, host: string): string =>
  cloud.hosts[host]?.zone ?? 'nova';

export const novaName = ({ services }: Pick<PlanContext, 'services'>, host: string): string =>
  services.openstack['nova']?.names[host] ?? host;

/** What the cloud calls a database. */
export const databaseName = ({ services }: Pick<PlanContext, 'services'>, name: string): string => {
  const own = Object.values(services.openstack).find((one) => Object.hasOwn(one.databases, name));
  return own?.databases[name] ?? name;
};

/**
 * Steps of a hop by their names: `kilo-stop-nova-api`, `Kilo: stop nova-api`, within the 150 characters that a card takes.
 * Those of services with a hop of their own bear its name.
 */
export function namedForHop(
  hop: Hop,
  drafts: readonly StepDraft[],
  all: readonly PlannedService[] = [],
): StepDraft[] {
  return drafts.map((draft) => {
    const { mark } = all.find(({ known }) => known.name === draft.service)?.hop ?? hop;
    const title = `${capitalised(mark)}: ${draft.title}`;
    return {
      ...draft,
      id: `${mark}-${draft.id}`,
      title: title.length > 150 ? `${title.slice(0, 149)}…` : title,
    };
  });
}

/** What steps of a hop say about it. */
const stepHop = (hop: Hop): StepHop => ({
  from: hop.from === hop.to ? (hop.codenames?.from ?? hop.from) : hop.from,
  to: hop.mark,
});

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What data calls a step, as it stands behind the name of a hop. */
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `nova-api, nova-cert, nova-conductor and 4 more`; the commands below a title name all. */
export function listSome(names: readonly string[]): string {
  const rest = names.length - 3;
  return rest <= 1 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${rest} more`;
}

/** Steps of hops, in the same order, each with its hop and an id that is unique and short enough. */
export function finishedSteps(
  hops: readonly { readonly hop: Hop; readonly steps: readonly StepDraft[] }[],
): StepSpec[] {
  const taken = new Set<string>();
  return hops.flatMap(({ hop: made, steps }) => {
    const hop = stepHop(made);
    return steps.map(({ on, ...draft }) => {
      const id = freeId(draft.id, taken);
      taken.add(id);
      const [only] = on;
      return {
        ...draft,
        hop,
        id,
        on: on.length === 1 && only !== undefined ? only : [...on],
        maxFailures: 0,
      };
    });
  });
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  const slug = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const cut = (length: number): string => slug.slice(0, length).replace(/-$/, '');
  if (!taken.has(cut(40))) return cut(40);
  for (let count = 2; ; count++) {
    const id = `${cut(40 - String(count).length - 1)}-${count}`;
    if (!taken.has(id)) return id;
  }
}

/** Hosts put together by what they have in common, in the order in which they come. */
export function groupedHosts<T>(
  hosts: readonly string[],
  valueOf: (host: string) => T,
): { readonly hosts: string[]; readonly value: T }[] {
  const groups = new Map<string, { hosts: string[]; value: T }>();
  for (const host of hosts) {
    const value = valueOf(host);
    const key = JSON.stringify(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hosts: [host], value });
    else group.hosts.push(host);
  }
  return [...groups.values()];
}
