import { z } from 'zod';
import { UserName, CommandWords } from '../../handlers/contract/command.ts';
import { ReleaseName } from './releases.ts';
import { recordByName, KnowledgeId, SourceText, NonEmptyText } from './schema-words.ts';

const path = z.string().startsWith('/');

/** What a part is for. `control`: upgraded with what serves the APIs. `agent`: after all of that. `compute`: last, in batches. */
const Tier = z.enum(['control', 'agent', 'compute']);
export type Tier = z.infer<typeof Tier>;

const Part = z.strictObject({
  packages: z.array(NonEmptyText).min(1),
  /** In the order in which they are started; they are stopped the other way round. */
  units: z.array(NonEmptyText),
  /** What Debian calls them, where not as Ubuntu does. */
  debian: z
    .strictObject({
      packages: z.array(NonEmptyText).min(1).exactOptional(),
      units: z.array(NonEmptyText).exactOptional(),
    })
    .exactOptional(),
  tier: Tier.exactOptional(),
});

const ConfigFile = z.strictObject({
  path: z.string().startsWith('/'),
  part: KnowledgeId,
  owner: NonEmptyText.default('root'),
  group: NonEmptyText.default('root'),
  mode: z
    .string()
    .regex(/^0[0-7]{3}$/)
    .default('0644'),
  /** `afterPackages` where a package brings the directory. */
  when: z.enum(['beforePackages', 'afterPackages']).default('beforePackages'),
  /** Why the operator has to give this file. Without it, the file that is on the host stays. */
  required: NonEmptyText.exactOptional(),
});

const Check = z.strictObject({
  id: KnowledgeId,
  title: NonEmptyText,
  part: KnowledgeId,
  /** Asked on the host itself. */
  http: z
    .strictObject({ port: z.int(), path: z.string().startsWith('/'), status: z.int() })
    .exactOptional(),
  /** Run on the host itself; `openrc` first reads the credentials that the cloud file names. */
  command: z
    .strictObject({
      run: CommandWords,
      user: UserName.exactOptional(),
      openrc: z.boolean().default(false),
    })
    .exactOptional(),
});

/** One service in one release: what it is made of and what its upgrade to this release consists of. */
export const ServiceInRelease = z.strictObject({
  source: SourceText,
  /** Distributions whose packages of it no archive was to be read for: what is said of them is as in a release beside it. */
  unverified: z.array(z.enum(['debian', 'ubuntu'])).exactOptional(),
  /** Services that the cloud must have by then, set up by people before the first hop to a release that names them. */
  needs: z.array(KnowledgeId).min(1).exactOptional(),
  /** In the order in which they are started. Whatever a hop upgrades is stopped before and started after it. */
  parts: recordByName(Part).refine(
    (parts) => Object.keys(parts).length > 0,
    'expected at least one part',
  ),
  config: z.array(ConfigFile),
  sync: z.array(
    z.strictObject({
      database: NonEmptyText,
      run: CommandWords,
      user: UserName,
      optional: z.boolean().default(false),
      /** Further databases that the same command leads to their heads. */
      also: z.array(NonEmptyText).min(1).exactOptional(),
    }),
  ),
  /** The service's own check: 0 is well, 1 warns, 2 refuses, 255 crashed. `json`: whether it takes --json and heeds it. */
  upgradeCheck: z
    .strictObject({
      run: CommandWords,
      user: UserName,
      json: z.boolean().default(false),
      /** Why it ends with an error of its own in this release, so that no plan asks it. */
      broken: NonEmptyText.exactOptional(),
    })
    .exactOptional(),
  /** Migrates data online, while services run. `again`: exit codes after which it is run once more; 0 is done. */
  dataMigration: z
    .strictObject({ run: CommandWords, user: UserName, again: z.array(z.int()).default([1]) })
    .exactOptional(),
  /** Answers that keep Debian's packages from changing schemas by themselves; Ubuntu's ask nothing. */
  debconf: z
    .array(
      z.strictObject({
        package: NonEmptyText,
        question: NonEmptyText,
        type: z.enum(['boolean', 'string', 'select']),
        value: NonEmptyText,
      }),
    )
    .exactOptional(),
  /** How far behind its control plane a host may be: one release, two where both are SLURP, or not at all. */
  mixed: z.enum(['n-1', 'n-2', 'cold']).exactOptional(),
  /** Where a failed sync says why: with a log file set, its output does not. */
  log: path.exactOptional(),
  /** What of this is another way on Debian. `log: null`: Debian's packages set no log file. */
  debian: z.strictObject({ log: path.nullable() }).exactOptional(),
  /** The command that prints the schema's revision, for people; steps read the table itself. */
  revision: CommandWords.exactOptional(),
  /** Shows which deprecated options the service finds in its file. */
  report: z
    .strictObject({
      unit: NonEmptyText,
      config: NonEmptyText,
      log: NonEmptyText,
      part: KnowledgeId,
    })
    .exactOptional(),
  checks: z.array(Check),
});
export type ServiceInRelease = z.infer<typeof ServiceInRelease>;

/** How control hosts of one release and of the next may serve beside each other, behind a balancer, on the newer schema. */
const Beside = z.strictObject({
  /** From hops on that leave this release. */
  since: ReleaseName,
  /** Units of the old release that have to be told to stop before those of the new one start. */
  apart: z.array(NonEmptyText),
  /** Revisions of the branch that the old release cannot run on: only hops that leave it where it is. */
  contract: z.array(NonEmptyText).min(1).exactOptional(),
  /** Not on hops into these releases. */
  except: z.array(ReleaseName).min(1).exactOptional(),
  /** Only hops that leave the schema as it is. */
  sameSchema: z.literal(true).exactOptional(),
  source: SourceText,
});

/** What is so in every release. */
export const ServiceFile = z.strictObject({
  name: KnowledgeId,
  title: NonEmptyText,
  /** The part that is upgraded first and where commands for the whole service run once. */
  main: KnowledgeId,
  databases: z.array(NonEmptyText),
  /** Upgraded after all hosts have the release's packages: nothing depends on it. */
  last: z.boolean().default(false),
  /** Unset: the old release stops before its schema changes. */
  beside: Beside.exactOptional(),
  /** At its start each process finds what the oldest of the service's rows understands, and keeps to it until it starts again. */
  pinsAtStart: z.strictObject({ source: SourceText }).exactOptional(),
});
export interface KnownService extends z.infer<typeof ServiceFile> {
  /** What it is made of, by release: as the files of the releases say. */
  readonly series: Readonly<Partial<Record<ReleaseName, ServiceInRelease>>>;
}

export const ServiceOrder = z.strictObject({
  source: SourceText,
  order: z.array(KnowledgeId).min(1),
});
