import type { HopIntent, ServiceUnit } from '../deployment/intents.ts';
import type { PlannedService } from './context.ts';
import type { StepDraft } from './step-drafts.ts';

/** What a strategy orders: intents, in the order in which their steps run, and what only a plan knows of them. */
export type HopOrder =
  | HopIntent
  /** People look before the first step of these, and are told why. */
  | { readonly do: 'ask'; readonly notes: readonly string[]; readonly order: readonly HopOrder[] }
  /** These, where the first takes any step at all. `before`: what comes before it then. */
  | {
      readonly do: 'if any';
      readonly before?: readonly HopOrder[];
      readonly first: HopIntent;
      readonly order: readonly HopOrder[];
    }
  /** The packages of hosts whose services are stopped, and the files that go with them. */
  | { readonly do: 'prepare'; readonly on: readonly string[] }
  /** The databases of a service to the new release, and what the release wants around that. */
  | { readonly do: 'lead schema'; readonly of: PlannedService }
  /** All of these units that hosts have. */
  | {
      readonly do: 'start hosts';
      readonly units: readonly ServiceUnit[];
      readonly on: readonly string[];
    }
  /** Steps that are the same for every deployment. */
  | { readonly do: 'as it is'; readonly steps: readonly StepDraft[] };

/** One of the ways in which the hosts of a hop follow each other. */
export interface HostWay {
  readonly order: readonly HopOrder[];
  /** Once all of them run the new release. */
  readonly alike: readonly HopOrder[];
  /** Once the cloud was looked at. */
  readonly looked: readonly HopOrder[];
}
