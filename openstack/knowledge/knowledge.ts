import type { z } from 'zod';
import type { Distributions } from './distribution-schema.ts';
import type { SchemaGraph } from './extracts.ts';
import type { ProjectVersions } from './release-file.ts';
import type {
  VersionFloors,
  KnownGate,
  HopRules,
  InfrastructureVersions,
  HopStrategy,
} from './rule-schemas.ts';
import type {
  KnownConfigOption,
  KnownIssue,
  FurtherProjects,
  SchemaHead,
  SchemaStates,
  FailureSignature,
  StepTemplate,
  ProjectPackages,
} from './schemas.ts';
import type { KnownRelease, ReleaseName } from './releases.ts';
import type { KnownService } from './service-schema.ts';

/** What is known about OpenStack: read once, then handed to pure functions. */
export interface Knowledge {
  /** Oldest first. */
  readonly series: readonly KnownRelease[];
  /** The names of services in the order in which they are upgraded. */
  readonly order: readonly string[];
  readonly services: Readonly<Record<string, KnownService>>;
  /** Projects besides the services, which plans do not upgrade. */
  readonly projects: FurtherProjects['projects'];
  /** By database: whose it is, and where the sync of each release ends. */
  readonly heads: Readonly<Record<string, DatabaseHeads>>;
  /** By database: its migrations, as read from the projects' tags. None where no tag was read. */
  readonly graphs: Readonly<Record<string, SchemaGraph>>;
  /** By project: its first and last version of each release, as released upstream. */
  readonly versions: Readonly<Record<string, ProjectVersions>>;
  /** By project: the packages that are built from its own source. */
  readonly packages: z.infer<typeof ProjectPackages>['packages'];
  readonly distributions: Distributions;
  /** How hops are made, the earlier ones first. */
  readonly ways: readonly HopStrategy[];
  readonly roads: HopRules['roads'];
  readonly gates: readonly KnownGate[];
  readonly rules: HopRules['rules'];
  readonly floors: VersionFloors;
  readonly infrastructure: InfrastructureVersions;
  readonly steps: Readonly<Record<string, StepTemplate>>;
  readonly states: SchemaStates;
  readonly signatures: readonly FailureSignature[];
  readonly options: readonly KnownConfigOption[];
  readonly issues: readonly KnownIssue[];
}

interface DatabaseHeads {
  readonly service: string;
  readonly heads: Readonly<Partial<Record<ReleaseName, SchemaHead>>>;
}
