import type { z } from 'zod';
import { Distributions } from './distribution-schema.ts';
import { Floors, type Gate, HopRules, Infrastructure, type Way } from './rule-schemas.ts';
import {
  type ConfigOption,
  type KnownIssue,
  SchemaHeads,
  SchemaStates,
  type Signature,
  type StepTemplate,
  Versions,
} from './schemas.ts';
import type { Series } from './series.ts';
import { Service } from './service-schema.ts';

/** What is known about OpenStack: read once, then handed to pure functions. */
export interface Knowledge {
  /** Oldest first. */
  readonly series: readonly Series[];
  /** The names of services in the order in which they are upgraded. */
  readonly order: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
  readonly heads: SchemaHeads['databases'];
  readonly versions: z.infer<typeof Versions>['versions'];
  readonly distributions: Distributions;
  /** How hops are made, the earlier ones first. */
  readonly ways: readonly Way[];
  readonly roads: HopRules['roads'];
  readonly gates: readonly Gate[];
  readonly rules: HopRules['rules'];
  readonly floors: Floors;
  readonly infrastructure: Infrastructure;
  readonly steps: Readonly<Record<string, StepTemplate>>;
  readonly states: SchemaStates;
  readonly signatures: readonly Signature[];
  readonly options: readonly ConfigOption[];
  readonly issues: readonly KnownIssue[];
}
