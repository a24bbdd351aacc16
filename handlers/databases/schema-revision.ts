import { z } from 'zod';

/** A row of a version table. `repository` is what sqlalchemy-migrate keeps apart in one table; alembic has none. */
export const Revision = z.strictObject({
  table: z.enum(['migrate_version', 'alembic_version']),
  repository: z.string(),
  revision: z.string(),
});
export type Revision = z.infer<typeof Revision>;

/** The rows of a version table that say where a database is. */
export const Heads = z
  .array(z.string().min(1))
  .describe('The rows of its version table; none for a database that was never synced.');
export type Heads = z.infer<typeof Heads>;

/** Out of lines of table, repository, revision. */
export const readRevisions = (lines: readonly (readonly string[])[]): Revision[] =>
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
export function headsOf(
  revisions: readonly Revision[],
  names: readonly string[],
): Heads | undefined {
  const alembic = revisions.filter(({ table }) => table === 'alembic_version');
  if (alembic.length > 0) return alembic.map(({ revision }) => revision).toSorted();
  const own = (isOwn: (repository: string, name: string) => boolean): Heads =>
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
export interface Goal {
  readonly to: Heads;
  readonly or?: readonly Heads[] | undefined;
}

export const goalsOf = ({ to, or = [] }: Goal): Heads[] => [to, ...or];

export const isAtGoal = (heads: Heads | null, goal: Goal): boolean =>
  heads !== null && goalsOf(goal).some((one) => areSame(heads, one));

/** `302`; `16f1fbcab42b or 8f2f1571d55b (one of them)`. */
export const sayGoal = (goal: Goal): string =>
  goalsOf(goal).map(sayHeads).join(' or ') + ((goal.or ?? []).length === 0 ? '' : ' (one of them)');

export const areSame = (one: Heads, other: Heads): boolean =>
  one.toSorted().join(' ') === other.toSorted().join(' ');

export const sayHeads = (heads: Heads): string =>
  heads.length === 0 ? 'no revision (never synced)' : heads.toSorted().join(' and ');

/** null: there is no such database. */
export const sayFound = (heads: Heads | null): string =>
  heads === null ? 'there is no such database' : sayHeads(heads);
