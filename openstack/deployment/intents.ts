import type { PlannedService } from '../plan/context.ts';
import type { ruleSlots } from '../knowledge/rule-schemas.ts';
import type { Tier } from '../knowledge/service-schema.ts';

/** A unit, on those hosts where no service before it has the same one. */
export interface ServiceUnit {
  readonly name: string;
  readonly moving: PlannedService;
  readonly part: string;
  /** What its part is for. */
  readonly tier: Tier;
  readonly hosts: readonly string[];
}

/** What a strategy wants done in one place of a hop. */
export type HopIntent =
  | Check
  | Drain
  | BackUp
  | Start
  | Adapt
  /** Unset: all that has to stop. */
  | { readonly do: 'stop'; readonly units?: readonly ServiceUnit[] }
  | Neighbours
  /** Everything on these hosts. */
  | { readonly do: 'upgrade hosts'; readonly on: readonly string[] }
  | PackageUpgrade
  | ConfigurationWrite
  | { readonly do: 'sync schema'; readonly of: PlannedService }
  /** `stopped`: what only the programs of the old release can move, with a dump of its own before. */
  | { readonly do: 'migrate data'; readonly when: 'before' | 'stopped' | 'after' }
  /** One step of the knowledge, by its id: work that a fix asks for. */
  | { readonly do: 'known step'; readonly id: string }
  /** The programs of the release that the hop leads to: an older one's, for work that only they can do, and then the new one's again. */
  | { readonly do: 'swap programs'; readonly to: 'older' | 'newer' };

/** Units that serve while their neighbours are upgraded: what becomes of them now, and on rollback. `on`: only there. */
export interface Neighbours {
  readonly do: 'neighbours';
  readonly units: readonly ServiceUnit[];
  readonly on?: readonly string[];
  /** `let-go`: stop, and nobody waits for what they have begun. */
  readonly now: 'leave' | 'let-go' | 'stop';
  readonly rollback: 'leave' | 'start' | 'stop';
}

/** Looks at what is there, and changes nothing. */
export type Check =
  /** What the packages of the hop will be. */
  | { readonly do: 'check'; readonly what: 'packages'; readonly isPartial: boolean }
  /** What services say of themselves: of the old release, of the new one on its schema, and at the end. */
  | {
      readonly do: 'check';
      readonly what: 'own checks';
      readonly when: 'before' | 'synced' | 'after';
      readonly of?: readonly PlannedService[];
    }
  | { readonly do: 'check'; readonly what: 'cells' }
  /** Services that are down or gone by their own rows; `stopped`: units that the plan has stopped, and not started yet. */
  | {
      readonly do: 'check';
      readonly what: 'rows';
      readonly of?: readonly PlannedService[];
      readonly stopped?: readonly ServiceUnit[];
    }
  /** Uses the cloud as people do; `host`: with an instance on this compute. */
  | {
      readonly do: 'check';
      readonly what: 'smoke';
      readonly title: string;
      readonly host?: string;
    }
  /** Computes of these hosts are up, with their new number. */
  | { readonly do: 'check'; readonly what: 'reported'; readonly on: readonly string[] }
  /** What services answer on their hosts, or to people who come by the catalogue. */
  | {
      readonly do: 'check';
      readonly what: 'answers';
      readonly of: readonly PlannedService[];
      readonly which?: 'host' | 'login' | 'all';
      readonly on?: readonly string[];
    }
  /** What services say of deprecated options in their files. */
  | { readonly do: 'check'; readonly what: 'warnings'; readonly of: readonly PlannedService[] }
  /** Processes of these services, or of their neighbours, that still run what is gone. */
  | { readonly do: 'check'; readonly what: 'stale'; readonly of: 'services' | 'neighbours' };

/** Keeps people or instances away from what is upgraded, and lets them come back. */
export type Drain =
  | { readonly do: 'drain'; readonly what: 'people'; readonly state: 'out' }
  | {
      readonly do: 'drain';
      readonly what: 'people';
      readonly state: 'back';
      readonly which: 'all' | 'door' | 'inner';
      readonly of?: readonly PlannedService[];
      readonly on: readonly string[];
    }
  /** All requests to one host, whose neighbours go on; `of`: those to these services. */
  | {
      readonly do: 'drain';
      readonly what: 'host';
      readonly state: 'out' | 'back';
      readonly host: string;
      readonly of?: readonly PlannedService[];
    }
  | {
      readonly do: 'drain';
      readonly what: 'instances';
      readonly state: 'drained' | 'enabled';
      readonly on: readonly string[];
    };

export type BackUp =
  | { readonly do: 'back up'; readonly what: 'databases'; readonly of: readonly PlannedService[] }
  /** What no archive brings back, and hosts that nothing else leads back. */
  | { readonly do: 'back up'; readonly what: 'packages' | 'hosts'; readonly isPartial: boolean };

/** `on`: only there. */
export interface ConfigurationWrite {
  readonly do: 'write configuration';
  readonly when: 'beforePackages' | 'afterPackages';
  readonly on?: readonly string[];
}

/** Of single services. */
export interface PackageUpgrade {
  readonly do: 'upgrade packages';
  /** `sources`: where packages come from. `main`: on the hosts of the main part. `rest`: on all others. */
  readonly what: 'sources' | 'main' | 'rest';
  readonly of: readonly PlannedService[];
}

export type Start =
  /** `on`: only there. */
  | {
      readonly do: 'start';
      readonly units: readonly ServiceUnit[];
      readonly on?: readonly string[];
    }
  | {
      readonly do: 'start';
      readonly of: PlannedService;
      /** Its main part, or all others. */
      readonly which: 'main' | 'others';
      readonly batch?: number;
    }
  /** What only a restart of whole hosts starts. */
  | { readonly do: 'restart hosts'; readonly on: readonly string[] };

/** What a release wants besides, in one place of the hop. */
export type Adapt =
  | {
      readonly do: 'adapt';
      readonly slot: RuleSlot;
      readonly of?: readonly PlannedService[];
      readonly on?: readonly string[];
    }
  /** Old and new computes side by side begin, and end. `over`: nothing of the old release is left. */
  | { readonly do: 'adapt'; readonly slot: 'mixed' }
  | { readonly do: 'adapt'; readonly slot: 'unmixed'; readonly on?: readonly string[] }
  | { readonly do: 'adapt'; readonly slot: 'over' };

export type RuleSlot = (typeof ruleSlots)[number];
