import { bringsNothing } from '../../handlers/packages/forecast.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { PlacedService, PlacedServices } from '../cloud/placed.ts';
import type { CloudFacts } from '../cloud/facts.ts';
import { schemaTruth } from '../inspect/schema-truth.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { serviceOnDistribution } from '../knowledge/on-distribution.ts';
import type { HopRule } from '../knowledge/rule-schemas.ts';
import type { KnownConfigOption } from '../knowledge/schemas.ts';
import type { Hop } from '../path/path.ts';
import type { KnownService, ServiceInRelease, Tier } from '../knowledge/service-schema.ts';

/** All that a plan is made of. */
export interface PlanContext {
  readonly knowledge: Knowledge;
  readonly cloud: Cloud;
  readonly services: PlacedServices;
  readonly facts: CloudFacts;
  readonly hops: readonly Hop[];
  /** How services are started on the hosts. */
  readonly manager: 'sysv' | 'systemd';
  /** By host: the availability zone that nova has it in. */
  readonly zones: Readonly<Record<string, string>>;
  /** All services of the cloud that are known, in their order, as its distribution packages them. */
  readonly present: readonly ChosenService[];
  /** Those that are upgraded. */
  readonly chosen: readonly ChosenService[];
  /** Those that are of the target already, on hosts to which apt brings nothing: they serve on as they are. */
  readonly done: readonly ChosenService[];
  /** All that stay as they are beside the upgraded ones. */
  readonly beside: readonly ChosenService[];
  /** Every host that an upgraded one has a part on, in the order of the cloud's file. */
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
  /** Of the databases that this cloud has: optional ones are those that it names. */
  readonly syncs: ServiceInRelease['sync'];
  /** What each of its parts here is for, as its release says. */
  readonly tiers: Readonly<Record<string, Tier>>;
  /** By host: units that were looked for there and are not. */
  readonly missingUnits: CloudFacts['missingUnits'];
}

/** What the rules of a release want of one service on one hop. */
export interface ServiceRules {
  /** By their place in the hop: ids of step templates. */
  readonly steps: Readonly<Partial<Record<HopRule['slot'], readonly string[]>>>;
  /** Steps whose data has to be in order before the schema sync. */
  readonly gates: readonly string[];
  /** What changed in options of its files up to the release that it reaches. */
  readonly options: readonly KnownConfigOption[];
}

/** What follows from the services that are upgraded, and where they are. */
type Derived = 'manager' | 'zones' | 'present' | 'chosen' | 'done' | 'beside' | 'moved' | 'cells';

/** A plan's context: services of these names are upgraded, or all, but for those that are done. */
export function planContext(
  place: Omit<PlanContext, Derived>,
  names?: readonly string[],
): PlanContext {
  const present = chosenServices(place);
  const wanted = present.filter(({ known }) => names?.includes(known.name) !== false);
  const done = wanted.filter((one) => isDone(place, one));
  const manager = hostDistribution(place)?.init ?? 'systemd';
  return upgradingOnly(
    { ...place, manager, zones: zonesOf(place.cloud), present, done },
    wanted.filter((one) => !done.includes(one)),
  );
}

/** Apt is asked about the first hop alone. A schema that was not looked at may be behind. */
function isDone(
  { knowledge, facts, hops: [hop, ...others] }: Pick<PlanContext, 'knowledge' | 'facts' | 'hops'>,
  { known: { name, databases }, here }: ChosenService,
): boolean {
  if (hop === undefined || others.length > 0 || facts.ahead[name] !== hop.to) return false;
  return (
    here.hosts.every((host) => bringsNothing(facts.forecast[host])) &&
    databases.every((database) => {
      const found = facts.databases[database];
      if (found === undefined) return false;
      const truth = schemaTruth({ service: name, database, ...found }, knowledge);
      return truth.kind === 'head' && truth.series.includes(hop.to);
    })
  );
}

/** The same for these services alone. */
export const upgradingOnly = (
  context: Omit<PlanContext, 'chosen' | 'beside' | 'moved' | 'cells'>,
  chosen: readonly ChosenService[],
): PlanContext => ({
  ...context,
  chosen,
  beside: context.present.filter(
    ({ known }) => !chosen.some((moving) => moving.known.name === known.name),
  ),
  moved: Object.keys(context.cloud.hosts).filter((host) =>
    chosen.some(({ here }) => here.hosts.includes(host)),
  ),
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

const furtherCells = (chosen: readonly ChosenService[]): FurtherCell[] =>
  Object.entries(chosen.find(({ known }) => known.name === 'nova')?.here.cells ?? {}).flatMap(
    ([name, { database, on }]) => on.slice(0, 1).map((host) => ({ name, database, host })),
  );

const zonesOf = ({ hosts }: Cloud): Record<string, string> =>
  Object.fromEntries(Object.entries(hosts).map(([host, { zone = 'nova' }]) => [host, zone]));
