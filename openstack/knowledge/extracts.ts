import { z } from 'zod';
import { ReleaseName } from './releases.ts';

/**
 * What a script read from the tags of OpenStack's projects (`npm run knowledge`), one file a project under `data/extracts`.
 * Nothing is written there by hand: tests compare what is known with it, and schemas are judged by its graphs.
 */
const SchemaEnd = z.strictObject({
  by: z.enum(['alembic', 'sqlalchemy-migrate']),
  heads: z.array(z.string()).min(1),
  /** The first and the last tag or branch whose sync ends there, and the commit of the last. */
  refs: z.tuple([z.string(), z.string()]),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** For sqlalchemy-migrate: the last file of each repository, with the hash of its bytes as git keeps them. */
  last: z.array(z.string()).exactOptional(),
});
export type SchemaEnd = z.infer<typeof SchemaEnd>;

const GraphRevision = z.strictObject({
  id: z.string(),
  after: z.array(z.string()),
  needs: z.array(z.string()),
  file: z.string(),
  hash: z.string().regex(/^[0-9a-f]{40}$/),
  since: ReleaseName,
});

/** A database's migrations over all releases that were read. */
export const SchemaGraph = z.strictObject({
  /** Where the sync of each release ends, the earliest end first; the last is that of its newest tag. */
  releases: z.partialRecord(ReleaseName, z.array(SchemaEnd).min(1)),
  /** Alembic's revisions, each with the release that brought it. */
  revisions: z.array(GraphRevision),
});
export type SchemaGraph = z.infer<typeof SchemaGraph>;

export const ProjectExtract = z.strictObject({
  project: z.string(),
  /** The first and the last version that is tagged, by release. */
  versions: z.partialRecord(ReleaseName, z.tuple([z.string(), z.string()])),
  /** What the project installs, by the first release that does. */
  programs: z.array(z.strictObject({ program: z.string(), since: ReleaseName })),
  /** The number that nova's services of a release write into `services.version`, and the hash of the file that says so. */
  serviceVersions: z.partialRecord(
    ReleaseName,
    z.strictObject({ version: z.int(), hash: z.string() }),
  ),
  /** The oldest libvirt and QEMU that nova-compute of a release starts with. */
  virtFloors: z
    .partialRecord(
      ReleaseName,
      z.strictObject({ libvirt: z.string(), qemu: z.string(), hash: z.string() }),
    )
    .default({}),
  databases: z.record(z.string(), SchemaGraph),
});
export type ProjectExtract = z.infer<typeof ProjectExtract>;
