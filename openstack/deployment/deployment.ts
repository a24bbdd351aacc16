import type { PlanContext, PlannedService, StepDraft } from '../plan/context.ts';
import type { ruleSlots } from '../knowledge/rule-schemas.ts';
import type { Hop } from '../path/path.ts';

/**
 * How a cloud is deployed: it turns what a strategy intends into steps, and knows what is installed where. A tool that does
 * several things in one command answers one intent with it and the others with no steps. Steps are named without their
 * hop: the planner puts it before ids and titles.
 */
export interface Deployment {
  /** What a cloud file says under `services.deployment.tool`; one that says nothing is of `packages`. */
  readonly tool: string;
  /** Whether it is meant for a hop of this cloud: the first of its tool that is, plans it. */
  readonly isFor: (context: PlanContext, hop: Hop) => boolean;
  /** How hops of the whole cloud and of single services are ordered. */
  readonly strategies: { readonly whole: StrategyName; readonly partial: StrategyName };
  readonly tiers: (context: PlanContext, all: readonly PlannedService[]) => HostTiers;
  /** In the order in which they are started; none where nothing is stopped or started one by one. */
  readonly units: (all: readonly PlannedService[], when: 'before' | 'after') => ServiceUnit[];
  /** What has to stop before packages change: also what a neighbour runs, where the new release shares it. */
  readonly unitsToStop: (hop: PlannedHop) => ServiceUnit[];

  /** Before the first and after the last of hops that go service by service; named as they are. */
  readonly open: (context: PlanContext) => StepDraft[];
  readonly close: (context: PlanContext, last: PlannedHop) => StepDraft[];
  /** Looks at what is there, and changes nothing. */
  readonly check: (hop: PlannedHop, check: PlannedCheck) => StepDraft[];
  /** Keeps people or instances away from what is upgraded, and lets them come back. */
  readonly drain: (hop: PlannedHop, drain: Drain) => StepDraft[];
  readonly stop: (hop: PlannedHop, units?: readonly ServiceUnit[]) => StepDraft[];
  readonly backUp: (hop: PlannedHop, what: BackUp) => StepDraft[];
  /** Everything on these hosts, or what belongs to the services. */
  readonly upgradePackages: (hop: PlannedHop, what: HostsUpgrade | ServicesUpgrade) => StepDraft[];
  readonly writeConfiguration: (hop: PlannedHop, write: Writing) => StepDraft[];
  readonly syncSchema: (hop: PlannedHop, service: PlannedService) => StepDraft[];
  readonly migrateData: (hop: PlannedHop, when: 'before' | 'after') => StepDraft[];
  readonly start: (hop: PlannedHop, start: Start) => StepDraft[];
  /** What a release wants besides, in one place of the hop. */
  readonly adapt: (hop: PlannedHop, adapt: Adapt) => StepDraft[];
}

/** One hop of a plan: what of the cloud goes along, where it is, and who makes the steps. */
export interface PlannedHop {
  readonly context: PlanContext;
  readonly hop: Hop;
  readonly all: readonly PlannedService[];
  readonly tiers: HostTiers;
  readonly deployment: Deployment;
}

export type StrategyName = 'by service' | 'by host';

/** The hosts of a hop that upgrades whole hosts, each once, in the order of the cloud's file. */
export interface HostTiers {
  /** Where schemas are synced: the first host of each service, and of each cell. */
  readonly first: readonly string[];
  /** The other hosts that serve APIs or use databases. */
  readonly control: readonly string[];
  readonly agents: readonly string[];
  readonly computes: readonly string[];
}

/** A unit, on those hosts where no service before it has the same one. */
export interface ServiceUnit {
  readonly name: string;
  readonly moving: PlannedService;
  readonly part: string;
  readonly hosts: readonly string[];
}

export type PlannedCheck =
  /** What the packages of the hop will be. */
  | { readonly what: 'packages'; readonly isPartial: boolean }
  /** What services say of themselves: of the old release, of the new one on its schema, and at the end. */
  | {
      readonly what: 'own checks';
      readonly when: 'before' | 'synced' | 'after';
      readonly of?: readonly PlannedService[];
    }
  | { readonly what: 'cells' }
  /** Services that are down or gone by their own rows; `stopped`: units that the plan has stopped, and not started yet. */
  | {
      readonly what: 'rows';
      readonly of?: readonly PlannedService[];
      readonly stopped?: readonly ServiceUnit[];
    }
  /** Uses the cloud as people do. */
  | { readonly what: 'smoke'; readonly title: string; readonly zone?: string }
  /** Computes of these hosts are up, with their new number. */
  | { readonly what: 'reported'; readonly on: readonly string[] }
  /** What services answer on their hosts, or to people who come by the catalogue. */
  | {
      readonly what: 'answers';
      readonly of: readonly PlannedService[];
      readonly which?: 'host' | 'login' | 'all';
      readonly on?: readonly string[];
    }
  /** What services say of deprecated options in their files. */
  | { readonly what: 'warnings'; readonly of: readonly PlannedService[] }
  /** Processes of these services, or of their neighbours, that still run what is gone. */
  | { readonly what: 'stale'; readonly of: 'services' | 'neighbours' };

export type Drain =
  | { readonly what: 'people'; readonly state: 'out' }
  | {
      readonly what: 'people';
      readonly state: 'back';
      readonly which: 'all' | 'door' | 'inner';
      readonly of?: readonly PlannedService[];
      readonly on: readonly string[];
    }
  /** All requests to one host, whose neighbours go on. */
  | { readonly what: 'host'; readonly state: 'out' | 'back'; readonly host: string }
  | {
      readonly what: 'instances';
      readonly state: 'drained' | 'enabled';
      readonly on: readonly string[];
    };

export type BackUp =
  /** Without a label: under the release that is left. */
  | {
      readonly what: 'databases';
      readonly of: readonly PlannedService[];
      readonly label?: string;
    }
  /** What no archive brings back, and hosts that nothing else leads back. */
  | { readonly what: 'packages' | 'hosts'; readonly isPartial: boolean };

export interface HostsUpgrade {
  readonly on: readonly string[];
}
export interface ServicesUpgrade {
  /** `sources`: where packages come from. `main`: on the hosts of the main part. `rest`: on all others. */
  readonly what: 'sources' | 'main' | 'rest';
  readonly of: readonly PlannedService[];
}

export interface Writing {
  readonly when: 'beforePackages' | 'afterPackages';
  /** Only there. */
  readonly on?: readonly string[];
}

export type Start =
  | { readonly units: readonly ServiceUnit[]; readonly batch?: number }
  | {
      readonly of: PlannedService;
      readonly parts: readonly string[];
      readonly batch?: number;
    }
  /** What only a restart of whole hosts starts. */
  | { readonly hosts: readonly string[] };

export interface RulePlace {
  readonly slot: (typeof ruleSlots)[number];
  readonly of?: readonly PlannedService[];
  readonly on?: readonly string[];
}

/** Old and new computes side by side begin, and end. `over`: nothing of the old release is left. */
type HopPlace =
  { readonly slot: 'mixed' } | { readonly slot: 'unmixed' } | { readonly slot: 'over' };

export type Adapt = RulePlace | HopPlace;
