import { z } from 'zod';

/** A row of a version table. `repository` is what sqlalchemy-migrate keeps apart in one table; alembic has none. */
export const SchemaRevision = z.strictObject({
  table: z.enum(['migrate_version', 'alembic_version']),
  repository: z.string(),
  revision: z.string(),
});
export type SchemaRevision = z.infer<typeof SchemaRevision>;

/** The rows of a version table that say where a database is. */
export const RevisionHeads = z
  .array(z.string().min(1))
  .describe('The rows of its version table; none for a database that was never synced.');
export type RevisionHeads = z.infer<typeof RevisionHeads>;

/** Out of lines of table, repository, revision. */
export const readRevisions = (lines: readonly (readonly string[])[]): SchemaRevision[] =>
  lines.flatMap(([table, repository = '', revision = '']) =>
    table === 'migrate_version' || table === 'alembic_version'
      ? [{ table, repository, revision }]
      : [],
  );

/** From Newton to Yoga keystone had three repositories (`keystone_expand`) beside the one that had ended. */
const branchNames: Readonly<Record<string, string>> = {
  expand: 'expand',
  data_migrate: 'migrate',
  contract: 'contract',
};

/**
 * Where the schema of a service is. A project that moved to alembic left its old table behind, so alembic's rows count
 * where there are any. Extensions keep rows of their own beside the service's (keystone's `endpoint_filter`); glance calls
 * its repository "Glance Migrations". `undefined`: none of several rows is the service's.
 */
export function schemaHeadsOf(
  revisions: readonly SchemaRevision[],
  names: readonly string[],
): RevisionHeads | undefined {
  const alembic = revisions.filter(({ table }) => table === 'alembic_version');
  if (alembic.length > 0) return alembic.map(({ revision }) => revision).toSorted();
  const own = (isOwn: (repository: string, name: string) => boolean): RevisionHeads =>
    revisions
      .filter(({ repository }) => names.some((name) => isOwn(repository.toLowerCase(), name)))
      .map(({ revision }) => revision);
  const branches = revisions.flatMap(({ repository, revision }) =>
    [...new Set(names)].flatMap((name) => {
      const branch = branchNames[repository.toLowerCase().replace(`${name}_`, '')];
      return branch === undefined ? [] : [`${branch}:${revision}`];
    }),
  );
  if (branches.length > 0) return branches.toSorted();
  if (revisions.length <= 1) return revisions.map(({ revision }) => revision);
  const exact = own((repository, name) => repository === name);
  const found = exact.length > 0 ? exact : own((repository, name) => repository.startsWith(name));
  return found.length === 1 ? found : undefined;
}

/** Where a sync may end: at `to`, or at an earlier end that counts as whole too, where nobody can tell which it is. */
export interface SyncGoal {
  readonly to: RevisionHeads;
  readonly or?: readonly RevisionHeads[] | undefined;
}

export const goalHeads = ({ to, or = [] }: SyncGoal): RevisionHeads[] => [to, ...or];

export const isAtSyncGoal = (heads: RevisionHeads | null, goal: SyncGoal): boolean =>
  heads !== null && goalHeads(goal).some((one) => areSameHeads(heads, one));

/** `302`; `16f1fbcab42b or 8f2f1571d55b (one of them)`. */
export const goalText = (goal: SyncGoal): string =>
  goalHeads(goal).map(headsText).join(' or ') +
  ((goal.or ?? []).length === 0 ? '' : ' (one of them)');

export const areSameHeads = (one: RevisionHeads, other: RevisionHeads): boolean =>
  one.toSorted().join(' ') === other.toSorted().join(' ');

export const headsText = (heads: RevisionHeads): string =>
  heads.length === 0 ? 'no revision (never synced)' : heads.toSorted().join(' and ');

/** null: there is no such database. */
export const foundHeadsText = (heads: RevisionHeads | null): string =>
  heads === null ? 'there is no such database' : headsText(heads);
