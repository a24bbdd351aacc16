import type { PlanContext, PlannedService } from '../plan/context.ts';
import type { StepDraft } from '../plan/step-drafts.ts';
import type { HopIntent, ServiceUnit } from './intents.ts';
import type { Hop, ReleasePath } from '../path/path.ts';

/**
 * How a cloud is deployed: it makes steps of what a strategy intends, and knows what is installed where. A tool that does
 * several things in one command answers one intent with it and the others with no steps. Steps are named without their
 * hop, where they do not say otherwise: the planner puts it before ids and titles.
 */
export interface Deployment {
  /** What a cloud file says under `services.deployment.tool`; one that says nothing is of `packages`. */
  readonly tool: string;
  /** Whether it is meant for a hop of this cloud: the first of its tool that is, plans it. */
  readonly isFor: (context: PlanContext, hop: Hop) => boolean;
  /** How hops of the whole cloud and of single services are ordered. */
  readonly strategies: { readonly whole: StrategyName; readonly partial: StrategyName };
  /**
   * The hops from one release to another, as far as the tool has what they need; straight there where nobody has to support
   * it. Empty where there is nothing to do.
   */
  readonly path: (trip: Trip, place: CloudPlace) => Hop[];
  readonly tiers: (context: PlanContext, all: readonly PlannedService[]) => HostTiers;
  /** None where nothing is stopped or started one by one. */
  readonly units: (context: PlanContext, all: readonly PlannedService[]) => HopUnits;
  /** Of a context whose hops go service by service: what comes before the first and after the last of them. */
  readonly frame: (context: PlanContext, last: PlannedHop) => HopFrame;
  /** What to know of its own before the hop is approved. */
  readonly notes: (hop: PlannedHop) => string[];
  /** The steps of one intent. */
  readonly steps: (hop: PlannedHop, intent: HopIntent) => StepDraft[];
}

/** All of the tool that deploys a cloud. */
export type Deployments = readonly [Deployment, ...Deployment[]];

/** From the release that a cloud has to the one that is wanted, as OpenStack supports it, whatever hosts find packages of. */
export interface Trip extends ReleasePath {
  /** The distribution release that hosts should have in the end. Unset: wherever the shortest path ends. */
  readonly codename?: string | undefined;
  readonly isUnsupported: boolean;
}

export type CloudPlace = Pick<PlanContext, 'knowledge' | 'cloud' | 'services' | 'facts'>;

/** One hop of a plan: what of the cloud goes along, where it is, and who makes the steps. */
export interface PlannedHop {
  readonly context: PlanContext;
  readonly hop: Hop;
  readonly all: readonly PlannedService[];
  readonly tiers: HostTiers;
  readonly units: HopUnits;
  readonly deployment: Deployment;
}

export interface HopFrame {
  readonly before: readonly StepDraft[];
  readonly after: readonly StepDraft[];
}

/** In the order in which they are started. */
export interface HopUnits {
  readonly before: readonly ServiceUnit[];
  readonly after: readonly ServiceUnit[];
  /** What has to stop before packages change: also what a neighbour runs, where the new release shares it. */
  readonly stopping: readonly ServiceUnit[];
  /** Of each service by itself: also those that it shares with others, such as Apache. */
  readonly alone: ReadonlyMap<PlannedService, Pick<HopUnits, 'before' | 'after'>>;
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
