import type { HopIntent } from '../deployment/intents.ts';
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
  /** Steps that are the same for every deployment. */
  | { readonly do: 'as it is'; readonly steps: readonly StepDraft[] };
