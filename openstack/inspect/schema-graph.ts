import type { SchemaGraph } from '../knowledge/extracts.ts';
import { type ReleaseName, releaseNames } from '../knowledge/releases.ts';

/** Where rows of `alembic_version` lie in a graph of migrations: past one release's end, and on the way to another's. */
export interface GraphPlace {
  readonly from: ReleaseName;
  readonly to: ReleaseName;
}

/**
 * Between which releases a schema stands whose rows are at no release's end. Undefined where a row is no revision of the
 * graph, or where no release's end lies behind the rows.
 */
export function placeInGraph(rows: readonly string[], graph: SchemaGraph): GraphPlace | undefined {
  const revisions = new Map(graph.revisions.map((revision) => [revision.id, revision]));
  const found = rows.flatMap((row) => revisions.get(row) ?? []);
  if (rows.length === 0 || found.length < rows.length) return undefined;
  const passed = passedBy(rows, graph);
  const ends = releaseNames.flatMap((release) =>
    (graph.releases[release] ?? []).map(({ heads }) => ({ release, heads })),
  );
  const from = ends.findLast(({ heads }) => heads.every((head) => passed.has(head)))?.release;
  if (from === undefined) return undefined;
  const newest = Math.max(...found.map(({ since }) => releaseNames.indexOf(since)));
  const to = releaseNames[Math.max(newest, releaseNames.indexOf(from) + 1)];
  return to === undefined ? undefined : { from, to };
}

/** The rows themselves, and all that had to run before them. */
function passedBy(rows: readonly string[], { revisions }: SchemaGraph): ReadonlySet<string> {
  const before = new Map(revisions.map(({ id, after, needs }) => [id, [...after, ...needs]]));
  const passed = new Set<string>();
  const open = [...rows];
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    if (passed.has(row)) continue;
    passed.add(row);
    open.push(...(before.get(row) ?? []));
  }
  return passed;
}
