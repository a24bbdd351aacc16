import { z } from 'zod';
import { CountQuery } from '../../handlers/databases/mysql.ts';
import { HopsFor, KnowledgeId, SourceText, NonEmptyText } from './schema-words.ts';
import { ReleaseName } from './releases.ts';

/** Places in a hop, in their order. All up to `afterPackages` come before the dump, but for `afterStop`, which has its own. */
export const ruleSlots = [
  'beforeStop',
  'afterStop',
  'beforePackages',
  'afterPackages',
  'beforeSync',
  'afterSync',
  'afterStart',
  'afterServices',
] as const;

export const HopRule = z.strictObject({
  id: KnowledgeId,
  service: KnowledgeId,
  hops: HopsFor,
  slot: z.enum(ruleSlots),
  steps: z.array(KnowledgeId).min(1),
  /** Instead of `steps`, when inspection has counted rows that block. */
  whenBlocked: z.array(KnowledgeId).min(1).exactOptional(),
  /** `road`: only on the first hop of a path that the rule is for. */
  once: z.enum(['hop', 'road']).default('hop'),
  /**
   * `from`: the steps need the programs of the release that is left, so they run as soon as these are there: at the end
   * of the hop before, or as soon as this one has stopped all where the path begins with it.
   */
  code: z.enum(['from', 'to']).default('to'),
  /** Only on unsupported hops that leave computes below the target's floor. */
  belowFloor: z.literal(true).exactOptional(),
  /** Only where hosts are of these distribution releases once the hop is made. */
  codenames: z.array(NonEmptyText).min(1).exactOptional(),
  /** Only for clouds that say where memcached runs. */
  memcached: z.literal(true).exactOptional(),
  /** Only for clouds that keep their tokens so. */
  tokens: z.enum(['sql', 'memcache']).exactOptional(),
  why: NonEmptyText,
  /** What one gets without it. */
  otherwise: NonEmptyText,
  source: SourceText,
});
export type HopRule = z.infer<typeof HopRule>;

const RoadRule = z.strictObject({
  id: KnowledgeId,
  title: NonEmptyText,
  /** `next`: to the next release. `slurp`: from a SLURP release to the next one. */
  step: z.enum(['next', 'slurp']),
  since: ReleaseName,
  source: SourceText,
});

/** How a hop is made: service by service with everything stopped, or host by host. The last one that applies is meant. */
export const HopStrategy = z.strictObject({
  way: z.enum(['services', 'hosts']),
  /** For hops that leave this release or a later one. */
  since: ReleaseName,
  why: NonEmptyText,
  source: SourceText,
});
export type HopStrategy = z.infer<typeof HopStrategy>;

/**
 * Where a release refuses, or where a hop changes what people have to know. `stops`: the hop does not get past it.
 * `warns`: it does, at a price.
 */
export const KnownGate = z.strictObject({
  id: KnowledgeId,
  service: KnowledgeId,
  hops: HopsFor,
  level: z.enum(['stops', 'warns']),
  title: NonEmptyText,
  /** Counts what is in the way, beforehand, in the old schema; 0 is well. `$floor`: the target's floor of computes. */
  rows: z
    .strictObject({ database: NonEmptyText, what: NonEmptyText, query: CountQuery })
    .exactOptional(),
  /** Where no query can tell: what does. */
  seenBy: NonEmptyText.exactOptional(),
  /** Which programs can clear it: those of the release that is left, of the target, or none. */
  code: z.enum(['from', 'to', 'none']),
  before: NonEmptyText,
  /** Steps that clear it, where steps can. */
  steps: z.array(KnowledgeId).min(1).exactOptional(),
  /** The text that one gets otherwise, word for word; `...` where something varies. */
  otherwise: NonEmptyText,
  source: SourceText,
});
export type KnownGate = z.infer<typeof KnownGate>;

export const HopRules = z.strictObject({
  ways: z.array(HopStrategy).min(1),
  roads: z.array(RoadRule).min(1),
  gates: z.array(KnownGate),
  rules: z.array(HopRule),
});
export type HopRules = z.infer<typeof HopRules>;

const version = z.string().regex(/^\d+(\.\d+)*$/, 'expected a version such as 8.2.2');

/** What of nova's and its hosts' versions holds for every release. */
export const FloorsFile = z.strictObject({
  compute: z.strictObject({
    /** Lets services start all the same. To be set on control and compute hosts, and taken away again. */
    workaround: z.strictObject({
      section: NonEmptyText,
      option: NonEmptyText,
      value: NonEmptyText,
      source: SourceText,
    }),
    /** In nova's database of each cell: the oldest number, the rows below `$floor`, and their hosts. */
    queries: z.strictObject({ oldest: CountQuery, below: CountQuery, hosts: CountQuery }),
  }),
});

/** The oldest that a release goes together with. What is not known is left out. */
export const ComputeFacts = z.strictObject({
  /** The number that nova-compute writes into nova's `services`. */
  version: z.int().min(1).exactOptional(),
  /** What the release's name means in `[upgrade_levels] compute`. */
  rpc: version.exactOptional(),
  source: SourceText.exactOptional(),
  /** The oldest release whose nova-compute may be left, and its number. */
  floor: z
    .strictObject({ oldest: ReleaseName, version: z.int().min(1), source: SourceText })
    .exactOptional(),
  /** The oldest libvirt and QEMU that nova-compute starts with. */
  virt: z.strictObject({ libvirt: version, qemu: version, source: SourceText }).exactOptional(),
});
type ComputeFacts = z.infer<typeof ComputeFacts>;

export const PythonFloor = z.strictObject({ python: version, source: SourceText });

type ByRelease<T> = Readonly<Partial<Record<ReleaseName, T>>>;

/** The oldest that releases go together with. */
export interface VersionFloors {
  readonly compute: z.infer<typeof FloorsFile>['compute'] & {
    /** The numbers that nova-compute of a release writes into nova's `services`. */
    readonly versions: ByRelease<number>;
    /** By target: the oldest release whose nova-compute may be left, and its number. */
    readonly floors: ByRelease<NonNullable<ComputeFacts['floor']>>;
  };
  /** By target: the oldest libvirt and QEMU that its nova-compute starts with. */
  readonly virt: ByRelease<NonNullable<ComputeFacts['virt']>>;
  /** By target: the oldest Python. */
  readonly python: ByRelease<z.infer<typeof PythonFloor>>;
}

/** What the services stand on: message queue and databases. */
export const InfrastructureVersions = z.strictObject({
  rabbitmq: z.strictObject({
    /** Minor versions, and those that each may be upgraded to in one go. */
    jumps: z
      .array(z.strictObject({ from: version, to: z.array(version).min(1), source: SourceText }))
      .min(1),
    /** By codename: the version that the distribution release carries. */
    carried: z.record(NonEmptyText, version),
    rules: z.array(
      z.strictObject({
        id: KnowledgeId,
        since: version,
        title: NonEmptyText,
        text: NonEmptyText,
        source: SourceText,
      }),
    ),
    source: SourceText,
  }),
  mariadb: z.strictObject({
    carried: z.record(NonEmptyText, version),
    rules: z.array(
      z.strictObject({
        id: KnowledgeId,
        title: NonEmptyText,
        text: NonEmptyText,
        source: SourceText,
      }),
    ),
    source: SourceText,
  }),
});
export type InfrastructureVersions = z.infer<typeof InfrastructureVersions>;
