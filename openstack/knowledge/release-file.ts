import { z } from 'zod';
import { KnownRelease, ReleaseName } from './releases.ts';
import { ComputeFacts, HopRule, KnownGate, PythonFloor } from './rule-schemas.ts';
import { KnownConfigOption, KnownIssue, SchemaHead, StepTemplate } from './schemas.ts';
import { recordByName, NonEmptyText, SourceText } from './schema-words.ts';
import { ServiceInRelease } from './service-schema.ts';

/** What changed in a service: all that is not said is as in the release that the file names as `since`. */
const ServiceChange = ServiceInRelease.partial().extend({ source: SourceText });
export type ServiceChange = z.infer<typeof ServiceChange>;

/**
 * One release, whole: `releases/<name>.yaml`. Nothing else has to name it. Each figure stands beside its source; what
 * is deduced says "unverified".
 */
export const ReleaseFile = KnownRelease.extend({
  source: SourceText,
  /** The release before it, which its services are as, but for what this file says. None: all is said here. */
  since: ReleaseName.exactOptional(),
  /** The distribution releases for which an archive beside them carries it: the cloud archive for Ubuntu, backports for Debian. */
  archives: z.array(NonEmptyText).default([]),
  compute: ComputeFacts.default({}),
  python: PythonFloor.exactOptional(),
  /** The first and the last version of each project; a package's has an epoch and a distribution's suffix besides. */
  versions: z
    .strictObject({
      source: SourceText,
      projects: recordByName(z.tuple([NonEmptyText, NonEmptyText])),
    })
    .exactOptional(),
  /** Where the schema of each database ends. */
  schemas: z.record(NonEmptyText, SchemaHead).default({}),
  /** The services that it has; one that is not listed is not known in it. */
  services: recordByName(ServiceChange).default({}),
  /** What is in the way of hops into it. */
  gates: z.array(KnownGate).default([]),
  /** Steps of its hops besides each service's own, and what these steps are where no other release has them. */
  rules: z.array(HopRule).default([]),
  steps: recordByName(StepTemplate).default({}),
  issues: z.array(KnownIssue).default([]),
  /** Options that it no longer has, or has elsewhere: the last tag that registers one and the first that does not are compared. */
  options: z.array(KnownConfigOption.omit({ since: true })).default([]),
});
export type ReleaseFile = z.infer<typeof ReleaseFile>;

/** By release: the first and the last version of a project. */
export type ProjectVersions = Readonly<Partial<Record<ReleaseName, readonly [string, string]>>>;
