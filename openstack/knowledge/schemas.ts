import { z } from 'zod';
import { Purpose } from '../../jobs/files/purposes.ts';
import {
  recordByName,
  HopsFor,
  KnowledgeId,
  SourceText,
  NonEmptyText,
  outputPattern,
} from './schema-words.ts';
import { ReleaseName } from './releases.ts';

const Rows = z.array(NonEmptyText).min(1);

export const SchemaHead = z
  .strictObject({
    /** Rows of `alembic_version`, or the one integer of `migrate_version`. */
    heads: Rows,
    /**
     * Earlier ends that may be whole too: of other point releases, or where no source tells which one it is. A schema at
     * any of them passes; a sync that finds one of these runs all the same.
     */
    or: z.array(Rows).min(1).exactOptional(),
    by: z.enum(['sqlalchemy-migrate', 'alembic']),
    source: SourceText,
  })
  .refine(
    (head) =>
      new Set(schemaEnds(head).map((end) => end.toSorted().join(' '))).size ===
      schemaEnds(head).length,
    'the same end is there twice',
  );
export type SchemaHead = z.infer<typeof SchemaHead>;

/** Where a release's sync may end, the furthest first. */
export const schemaEnds = ({
  heads,
  or = [],
}: {
  readonly heads: readonly string[];
  readonly or?: readonly (readonly string[])[];
}): (readonly string[])[] => [heads, ...or];

/** The binary packages of each project's own source package. */
export const ProjectPackages = z.strictObject({
  source: SourceText,
  packages: recordByName(z.array(NonEmptyText).min(1)),
});

/** A step that rules, states and fixes refer to. The planner fills in hosts and the names of databases. */
export const StepTemplate = z.strictObject({
  title: z.string().min(1).max(100),
  service: KnowledgeId,
  part: KnowledgeId,
  /**
   * `first`: once, on the first host of the part. `each`: on all of them. `failed`: where the step failed that it leads on
   * from, and on each where it leads on from none.
   */
  where: z.enum(['first', 'each', 'failed']),
  kind: KnowledgeId,
  purpose: Purpose,
  params: z.record(z.string(), z.unknown()),
  /** The release whose programs it needs, when not the one that is installed by then. */
  code: ReleaseName.exactOptional(),
  approval: z.boolean().exactOptional(),
  /** On how many hosts at a time. Unset: on all. */
  batch: z.int().min(1).exactOptional(),
  source: SourceText,
});
export type StepTemplate = z.infer<typeof StepTemplate>;

export const StepTemplates = z.strictObject({ steps: recordByName(StepTemplate) });

export const SchemaMove = z.strictObject({
  title: NonEmptyText,
  /** The release whose programs it needs, if it needs any. */
  code: ReleaseName.exactOptional(),
  /** Steps that carry it out; none for the schema sync itself and for what a person decides. */
  steps: z.array(KnowledgeId).default([]),
  action: z.enum(['schema-sync', 'data-migration', 'count', 'start', 'restore']),
});

const SchemaState = z.strictObject({
  /** The numbers it is for, with sqlalchemy-migrate. */
  from: z.int().min(0).exactOptional(),
  to: z.int().min(0).exactOptional(),
  /** The revision it is for, with alembic. */
  at: NonEmptyText.exactOptional(),
  name: NonEmptyText.exactOptional(),
  explanation: NonEmptyText,
  /** What the next sync of a release refuses to go past. */
  blockedBy: z
    .strictObject({ what: NonEmptyText, database: NonEmptyText, query: NonEmptyText })
    .exactOptional(),
  /** Moves while nothing was counted, while rows block, and when none do. */
  moves: z.strictObject({
    uncounted: z.array(KnowledgeId),
    blocked: z.array(KnowledgeId),
    clear: z.array(KnowledgeId),
  }),
  source: SourceText,
});
export type SchemaState = z.infer<typeof SchemaState>;

export const SchemaStates = z.strictObject({
  moves: recordByName(SchemaMove),
  databases: z.record(NonEmptyText, z.array(SchemaState).min(1)),
});
export type SchemaStates = z.infer<typeof SchemaStates>;

/** A project that no plan upgrades: what is known of it for people. */
const FurtherProject = z.strictObject({
  title: NonEmptyText,
  /** What it is for, in a word or two. */
  does: NonEmptyText,
  /** What leads its database to the release of its packages. Absent where it has none. */
  sync: NonEmptyText.exactOptional(),
  /** What distributions call its source package, where not as the project. */
  sources: z.array(NonEmptyText).min(1).exactOptional(),
  note: NonEmptyText.exactOptional(),
});

export const FurtherProjects = z.strictObject({
  source: SourceText,
  projects: recordByName(FurtherProject),
});
export type FurtherProjects = z.infer<typeof FurtherProjects>;

const pattern = NonEmptyText.refine((written) => {
  try {
    return outputPattern(written).source !== '';
  } catch {
    return false;
  }
}, 'expected a regular expression');

export const FailureSignature = z
  .strictObject({
    id: KnowledgeId,
    title: NonEmptyText,
    /** `class`: of what kind the failure is, and not why; said only where no cause is known. */
    tells: z.enum(['cause', 'class']).default('cause'),
    /** Kinds of step it is looked for in; empty: all. */
    kinds: z.array(KnowledgeId).default([]),
    exits: z.array(z.int().min(0).max(255)).default([]),
    /** Only where the run itself has made one side of program and schema the older one. */
    standing: z.enum(['old-program', 'new-program']).exactOptional(),
    /** Regular expressions over the output; one that matches is enough. */
    patterns: z.array(pattern).default([]),
    /** Error numbers of MySQL and MariaDB, however a program prints them; one is enough. */
    mysql: z.array(z.int().min(1000).max(4999)).default([]),
    /** All of these have to match too. */
    also: z.array(pattern).default([]),
    /** None of these may match. */
    unless: z.array(pattern).default([]),
    explanation: NonEmptyText,
    /** The hop that it belongs to, where its steps depend on that and the failed step may not say. */
    hop: z.tuple([ReleaseName, ReleaseName]).exactOptional(),
    waysOut: z
      .array(
        z
          .strictObject({
            title: NonEmptyText,
            steps: z.array(KnowledgeId).default([]),
            after: z.enum(['retry', 'skip', 'rollback', 'abort']),
          })
          .refine(
            ({ steps, after }) => steps.length === 0 || after === 'retry' || after === 'skip',
            'a rollback or an abort does not need steps before it',
          )
          .refine(
            ({ title, steps }) => steps.length === 0 || title.length <= 75,
            'it is written on a button, which takes 75 characters',
          ),
      )
      .min(1)
      .max(6),
    source: SourceText,
  })
  .refine(({ patterns, mysql }) => patterns.length + mysql.length > 0, 'nothing tells it');
export type FailureSignature = z.infer<typeof FailureSignature>;

export const FailureSignatures = z.strictObject({ signatures: z.array(FailureSignature) });

export const KnownConfigOption = z.strictObject({
  service: KnowledgeId,
  file: NonEmptyText,
  section: NonEmptyText,
  option: NonEmptyText,
  /** `value`: the option stays, its values change. `gone`: some of its values name what is gone. `keep`: a log proposes a rename that must not be made. */
  change: z.enum(['removed', 'moved', 'value', 'gone', 'keep']),
  since: ReleaseName,
  to: NonEmptyText.exactOptional(),
  /** `gone`: values that name what the release no longer has; a class by its last name. */
  values: z.array(NonEmptyText).min(1).exactOptional(),
  note: NonEmptyText,
  source: SourceText,
});
export type KnownConfigOption = z.infer<typeof KnownConfigOption>;

export const KnownIssue = z.strictObject({
  id: KnowledgeId,
  services: z.array(KnowledgeId).min(1),
  hops: HopsFor,
  /** Distributions or releases of them (debian, noble) that it is about. Unset: all. */
  on: z.array(NonEmptyText).min(1).exactOptional(),
  title: NonEmptyText,
  text: NonEmptyText,
  source: SourceText,
});
export type KnownIssue = z.infer<typeof KnownIssue>;

export const KnownIssues = z.strictObject({ issues: z.array(KnownIssue) });
