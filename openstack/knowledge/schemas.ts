import { z } from 'zod';
import { byName, bySeries, HopsFor, id, source, text } from './schema-words.ts';
import { Series, SeriesName } from './series.ts';

export const SeriesFile = z.strictObject({ source, series: z.array(Series).min(1) });

const Rows = z.array(text).min(1);

const SchemaHead = z
  .strictObject({
    /** Rows of `alembic_version`, or the one integer of `migrate_version`. */
    heads: Rows,
    /**
     * Earlier ends that may be whole too: of other point releases, or where no source tells which one it is. A schema at
     * any of them passes; a sync that finds one of these runs all the same.
     */
    or: z.array(Rows).min(1).exactOptional(),
    by: z.enum(['sqlalchemy-migrate', 'alembic']),
    source,
  })
  .refine(
    (head) =>
      new Set(endsOf(head).map((end) => end.toSorted().join(' '))).size === endsOf(head).length,
    'the same end is there twice',
  );
export type SchemaHead = z.infer<typeof SchemaHead>;

/** Where a series' sync may end, the furthest first. */
export const endsOf = ({
  heads,
  or = [],
}: {
  readonly heads: readonly string[];
  readonly or?: readonly (readonly string[])[];
}): (readonly string[])[] => [heads, ...or];

export const SchemaHeads = z.strictObject({
  databases: z.record(text, z.strictObject({ service: id, heads: bySeries(SchemaHead) })),
});
export type SchemaHeads = z.infer<typeof SchemaHeads>;

export const Versions = z.strictObject({
  source,
  versions: byName(bySeries(z.tuple([text, text]))),
});

/** A step that rules, states and ways out refer to. The planner fills in hosts and the names of databases. */
export const StepTemplate = z.strictObject({
  title: z.string().min(1).max(100),
  service: id,
  part: id,
  /**
   * `first`: once, on the first host of the part. `each`: on all of them. `failed`: where the step failed that it leads on
   * from, and on each where it leads on from none.
   */
  where: z.enum(['first', 'each', 'failed']),
  kind: id,
  params: z.record(z.string(), z.unknown()),
  /** The series whose programs it needs, when not the one that is installed by then. */
  code: SeriesName.exactOptional(),
  approval: z.boolean().exactOptional(),
  source,
});
export type StepTemplate = z.infer<typeof StepTemplate>;

export const StepTemplates = z.strictObject({ steps: byName(StepTemplate) });

export const Move = z.strictObject({
  title: text,
  /** The series whose programs it needs, if it needs any. */
  code: SeriesName.exactOptional(),
  /** Steps that carry it out; none for the schema sync itself and for what a person decides. */
  steps: z.array(id).default([]),
  action: z.enum(['schema-sync', 'data-migration', 'count', 'start', 'restore']),
});

const SchemaState = z.strictObject({
  from: z.int().min(0),
  to: z.int().min(0),
  name: text.exactOptional(),
  explanation: text,
  /** What the next sync of a release refuses to go past. */
  blockedBy: z.strictObject({ what: text, database: text, query: text }).exactOptional(),
  /** Moves while nothing was counted, while rows block, and when none do. */
  moves: z.strictObject({
    uncounted: z.array(id),
    blocked: z.array(id),
    clear: z.array(id),
  }),
  source,
});
export type SchemaState = z.infer<typeof SchemaState>;

export const SchemaStates = z.strictObject({
  moves: byName(Move),
  databases: z.record(text, z.array(SchemaState).min(1)),
});
export type SchemaStates = z.infer<typeof SchemaStates>;

const pattern = text.refine((written) => {
  try {
    return new RegExp(written, 'mu').source !== '';
  } catch {
    return false;
  }
}, 'expected a regular expression');

export const Signature = z.strictObject({
  id,
  title: text,
  /** Kinds of step it is looked for in; empty: all. */
  kinds: z.array(id).default([]),
  exits: z.array(z.int().min(0).max(255)).default([]),
  /** Regular expressions over the output; one that matches is enough. */
  patterns: z.array(pattern).min(1),
  /** All of these have to match too. */
  also: z.array(pattern).default([]),
  /** None of these may match. */
  unless: z.array(pattern).default([]),
  explanation: text,
  /** The hop that it belongs to, where its steps depend on that and the failed step may not say. */
  hop: z.tuple([SeriesName, SeriesName]).exactOptional(),
  waysOut: z
    .array(
      z
        .strictObject({
          title: text,
          steps: z.array(id).default([]),
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
  source,
});
export type Signature = z.infer<typeof Signature>;

export const Signatures = z.strictObject({ signatures: z.array(Signature) });

const ConfigOption = z.strictObject({
  service: id,
  file: text,
  section: text,
  option: text,
  /** `value`: the option stays, its values change. `keep`: a log proposes a rename that must not be made. */
  change: z.enum(['removed', 'moved', 'value', 'keep']),
  since: SeriesName,
  to: text.exactOptional(),
  note: text,
  source,
});
export type ConfigOption = z.infer<typeof ConfigOption>;

export const ConfigOptions = z.strictObject({ options: z.array(ConfigOption) });

const KnownIssue = z.strictObject({
  id,
  services: z.array(id).min(1),
  hops: HopsFor,
  /** Distributions or releases of them (debian, noble) that it is about. Unset: all. */
  on: z.array(text).min(1).exactOptional(),
  title: text,
  text,
  source,
});
export type KnownIssue = z.infer<typeof KnownIssue>;

export const KnownIssues = z.strictObject({ issues: z.array(KnownIssue) });
