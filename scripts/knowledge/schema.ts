import { type Clone, type ClonedFile, nameOf } from './clone.ts';

/** A revision of alembic, as its file declares it. */
export interface Revision {
  readonly id: string;
  /** Revisions that come right before it on its branch, and those of other branches that it needs. */
  readonly after: readonly string[];
  readonly needs: readonly string[];
  readonly file: string;
  readonly hash: string;
}

/** A schema at one ref: what its sync ends with, and the files that say so. */
export interface SchemaAt {
  readonly by: 'alembic' | 'sqlalchemy-migrate';
  readonly heads: readonly string[];
  readonly revisions: readonly Revision[];
  /** For sqlalchemy-migrate: the last file of each repository. */
  readonly last: readonly ClonedFile[];
}

/** Where a database's migrations stand. A repository of sqlalchemy-migrate may be named by what its row says (`expand`). */
export interface SchemaPlaces {
  /** The module that runs the sync, where its project kept both kinds for a while: alembic counts once it imports it. */
  readonly runner?: string;
  readonly alembic: readonly string[];
  readonly migrate: readonly { readonly folder: string; readonly name?: string }[];
}

/** Reads what a sync ends with at a ref; alembic wins where both are there. Undefined where neither is. */
export function schemaAt(clone: Clone, ref: string, places: SchemaPlaces): SchemaAt | undefined {
  const folders = usesAlembic(clone, ref, places) ? places.alembic : [];
  const revisions = folders
    .flatMap((folder) => clone.files(ref, folder))
    .filter((file) => file.path.endsWith('.py') && nameOf(file) !== '__init__.py')
    .flatMap((file) => revisionOf(clone, file) ?? []);
  if (revisions.length > 0)
    return { by: 'alembic', heads: headsOf(revisions), revisions, last: [] };
  const found = places.migrate.flatMap(({ folder, name }) => {
    const last = lastNumbered(clone.files(ref, folder), folder);
    return last === undefined ? [] : [{ ...last, name }];
  });
  // A repository without a name is the older one, which only those with names go on from.
  const named = found.filter(({ name }) => name !== undefined);
  const ends = named.length > 0 ? named : found.slice(0, 1);
  if (ends.length === 0) return undefined;
  return {
    by: 'sqlalchemy-migrate',
    heads: ends
      .map(({ name, number }) => (name === undefined ? String(number) : `${name}:${number}`))
      .toSorted(),
    revisions: [],
    last: ends.map(({ file }) => file),
  };
}

/** What `alembic_version` holds at the end: revisions that no other comes after or needs. */
export function headsOf(revisions: readonly Revision[]): string[] {
  const passed = new Set(revisions.flatMap(({ after, needs }) => [...after, ...needs]));
  return revisions
    .map(({ id }) => id)
    .filter((id) => !passed.has(id))
    .toSorted();
}

function usesAlembic(clone: Clone, ref: string, { runner }: SchemaPlaces): boolean {
  if (runner === undefined) return true;
  const [file] = clone.files(ref, runner);
  return file !== undefined && /^(?:from|import) alembic\b/m.test(clone.textOf(file.hash));
}

function revisionOf(clone: Clone, { path, hash }: ClonedFile): Revision | undefined {
  const text = clone.textOf(hash);
  const id = assigned(text, 'revision').at(0);
  if (id === undefined) return undefined;
  return {
    id,
    after: assigned(text, 'down_revision'),
    needs: assigned(text, 'depends_on'),
    file: path,
    hash,
  };
}

/** The strings that a module assigns to a name at its top level: one, several in brackets, or none for None. */
function assigned(text: string, name: string): string[] {
  const match = new RegExp(
    `^${name}\\s*(?::[^=\\n]*)?=\\s*(\\([^)]*\\)|\\[[^\\]]*\\]|[^\\n]*)`,
    'm',
  ).exec(text);
  const value = (match?.[1] ?? '').replaceAll(/#.*$/gm, '');
  return Array.from(value.matchAll(/(['"])([^'"]*)\1/g), ([, , string = '']) => string);
}

function lastNumbered(
  files: readonly ClonedFile[],
  folder: string,
): { readonly number: number; readonly file: ClonedFile } | undefined {
  const numbered = files
    .filter(({ path }) => !path.slice(folder.length + 1).includes('/'))
    .flatMap((file) => {
      const [, number] = /^(\d+)_.*\.(?:py|sql)$/.exec(nameOf(file)) ?? [];
      return number === undefined ? [] : [{ number: Number(number), file }];
    })
    .toSorted((one, other) => one.number - other.number);
  return numbered.at(-1);
}
