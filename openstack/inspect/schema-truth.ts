import type { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { SchemaGraph } from '../knowledge/extracts.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { schemaEnds, type SchemaMove, type SchemaState } from '../knowledge/schemas.ts';
import {
  compareReleases,
  type ReleaseName,
  releaseNames,
  releaseNameTitle,
} from '../knowledge/releases.ts';
import { placeInGraph } from './schema-graph.ts';

export interface SchemaQuestion {
  readonly service: string;
  /** Which of its databases, where it has several. Default: the one named like the service. */
  readonly database?: string;
  /** What the version table holds: an integer, or revisions with blanks between them. */
  readonly revision: string | number;
  /** What counting the rows that would block the next sync gave; unset when nobody counted. */
  readonly rowsBlocking?: number | undefined;
}

interface LegalMove extends z.infer<typeof SchemaMove> {
  readonly id: string;
}

export interface SchemaTruth {
  readonly kind: 'head' | 'between' | 'unknown';
  /** `Juno`, `Kilo complete`, `between Kilo and Liberty: stopped at 290`, `unknown revision 12`. */
  readonly name: string;
  /** At a head: every release that has it. Between: the two it lies between. */
  readonly series: readonly ReleaseName[];
  readonly legalMoves: readonly LegalMove[];
  readonly explanation: string;
  readonly source: string;
  /** What a later sync refuses, and the query that counts it. */
  readonly blockedBy?: SchemaState['blockedBy'];
}

type Rules = Pick<Knowledge, 'graphs' | 'heads' | 'states'>;

/** What a database's revision means and what may be done next. Throws `UnknownDatabase`; an odd revision is `unknown`. */
export function schemaTruth(question: SchemaQuestion, rules: Rules): SchemaTruth {
  const database = question.database ?? question.service;
  const known = rules.heads[database];
  if (known === undefined || known.service !== question.service)
    throw unknownDatabase(database, rules);
  const revision = normal(String(question.revision));
  const heads = headsOf(known.heads);
  const place = placeOf(revision, heads, rules.graphs[database]);
  const state = stateOf(rules, database, revision);
  if (state !== undefined && place !== undefined)
    return { ...place, ...ofState(state, rules.states.moves, question.rowsBlocking) };
  return place === undefined ? unknown(revision, heads) : ofHeads(place, heads);
}

interface Head {
  readonly series: ReleaseName;
  readonly revision: string;
  readonly source: string;
  /** Where the release ends, the furthest first, where that is not certain; else this one alone. */
  readonly ends: readonly string[];
}

type Place = Pick<SchemaTruth, 'kind' | 'name' | 'series' | 'source'>;

const normal = (revision: string): string =>
  revision
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted()
    .join(' ');

function headsOf(known: Knowledge['heads'][string]['heads']): Head[] {
  return releaseNames.flatMap((series) => {
    const found = known[series];
    if (found === undefined) return [];
    const ends = schemaEnds(found).map((end) => normal(end.join(' ')));
    return ends.map((revision) => ({ series, revision, source: found.source, ends }));
  });
}

function placeOf(
  revision: string,
  heads: readonly Head[],
  graph: SchemaGraph | undefined,
): Place | undefined {
  const exact = heads.filter((head) => head.revision === revision);
  const [first] = exact;
  if (first !== undefined) {
    const series = exact.map((head) => head.series);
    const open = exact.every(({ ends }) => ends.length > 1) ? ', at one of its possible ends' : '';
    return { kind: 'head', name: `${listed(series, 'or')}${open}`, series, source: first.source };
  }
  return (
    betweenNumbers(revision, heads) ?? onGraph(revision, graph) ?? partOfHeads(revision, heads)
  );
}

/** A revision inside the chain of migrations, or some branches of a release ahead of others. */
function onGraph(revision: string, graph: SchemaGraph | undefined): Place | undefined {
  const place = graph && placeInGraph(revision.split(' '), graph);
  if (graph === undefined || place === undefined) return undefined;
  const series = [place.from, place.to];
  const name = `between ${listed(series, 'and')}: stopped at ${revision}`;
  const [, last] = graph.releases[place.to]?.at(-1)?.refs ?? [];
  return { kind: 'between', name, series, source: last ?? place.to };
}

/** Numbers count up, so one between two heads belongs to a sync that was stopped. */
function betweenNumbers(revision: string, heads: readonly Head[]): Place | undefined {
  if (!/^\d{1,4}$/.test(revision)) return undefined;
  const numbered = heads.filter((head) => /^\d{1,4}$/.test(head.revision));
  const after = numbered.find((head) => Number(head.revision) > Number(revision));
  return after && stoppedBetween(revision, beforeIt(after, numbered), after);
}

// Heads that were not read in between would make it a guess.
function stoppedBetween(revision: string, before: Head | undefined, after: Head) {
  if (before === undefined || nextOf(before.series) !== after.series) return undefined;
  const series = [before.series, after.series];
  const name = `between ${listed(series, 'and')}: stopped at ${revision}`;
  return { kind: 'between', name, series, source: after.source } as const;
}

/** The furthest end of the release before the one of a head. */
function beforeIt({ series }: Head, heads: readonly Head[]): Head | undefined {
  const last = heads.findLast((head) => compareReleases(head.series, series) < 0);
  return last && heads.find((head) => head.series === last.series);
}

/** Some branches of a release at their heads, others not yet. */
function partOfHeads(revision: string, heads: readonly Head[]): Place | undefined {
  const found = revision.split(' ');
  const share = (head: Head): boolean => found.some((one) => partsOf(head).includes(one));
  const after = heads.findLast((head) => isHalfWayTo(head, found, heads)) ?? heads.find(share);
  return after && stoppedBetween(revision, beforeIt(after, heads), after);
}

/** Some rows are of the head itself, and all others of an end of the release before. */
function isHalfWayTo(head: Head, found: readonly string[], heads: readonly Head[]): boolean {
  const before = beforeIt(head, heads);
  const own = partsOf(head);
  return heads
    .filter(({ series }) => series === before?.series)
    .map(partsOf)
    .some(
      (from) =>
        found.some((one) => own.includes(one) && !from.includes(one)) &&
        found.some((one) => from.includes(one) && !own.includes(one)) &&
        found.every((one) => own.includes(one) || from.includes(one)),
    );
}

const partsOf = ({ revision }: Head): string[] => revision.split(' ');

function stateOf({ states }: Rules, database: string, revision: string): SchemaState | undefined {
  const number = /^\d+$/.test(revision) ? Number(revision) : Number.NaN;
  return states.databases[database]?.find(
    ({ from = Infinity, to = -1, at }) => at === revision || (from <= number && number <= to),
  );
}

function ofState(
  { name, explanation, moves, blockedBy, source }: SchemaState,
  defined: Knowledge['states']['moves'],
  rows: number | undefined,
): Pick<SchemaTruth, 'explanation' | 'legalMoves' | 'source'> {
  const ids = rows === undefined ? moves.uncounted : rows > 0 ? moves.blocked : moves.clear;
  const legalMoves = ids.flatMap((id) => {
    const move = defined[id];
    return move === undefined ? [] : [{ id, ...move }];
  });
  return {
    ...(name && { name }),
    explanation,
    legalMoves,
    source,
    ...(blockedBy && { blockedBy }),
  };
}

function ofHeads(place: Place, heads: readonly Head[]): SchemaTruth {
  const last = place.series.at(-1);
  const stopped = place.kind === 'between';
  const goal = heads.find(({ series }) => series === (stopped || !last ? last : nextOf(last)));
  const explanation = stopped
    ? `${releaseNameTitle(goal?.series ?? 'juno')}'s sync was interrupted. It goes on with the next migration; if it says that a column or table exists already, only a restore helps.`
    : [`The schema of ${listed(place.series, 'or')}, whole.`, ...openEnds(place, heads)].join(' ');
  const legalMoves = goal === undefined ? [] : [sync(goal.series), ...(stopped ? [restore] : [])];
  return { ...place, explanation, legalMoves };
}

/** Of releases that may end elsewhere too. */
const openEnds = ({ series }: Place, heads: readonly Head[]): string[] =>
  series.flatMap((one) => {
    const [first] = heads.filter((head) => head.series === one);
    return first === undefined || first.ends.length === 1
      ? []
      : [
          `${releaseNameTitle(one)} ends at one of ${first.ends.join(' or ')}: which one is not certain.`,
        ];
  });

const nextOf = (series: ReleaseName): ReleaseName | undefined =>
  releaseNames[releaseNames.indexOf(series) + 1];

const sync = (code: ReleaseName): LegalMove => ({
  id: `sync-${code}`,
  title: `Run ${releaseNameTitle(code)}'s schema sync`,
  code,
  steps: [],
  action: 'schema-sync',
});

const restore: LegalMove = {
  id: 'restore',
  title: "Restore the database from this run's verified dump",
  steps: [],
  action: 'restore',
};

function unknown(revision: string, heads: readonly Head[]): SchemaTruth {
  const known = heads.map((head) => `${releaseNameTitle(head.series)} ${head.revision}`).join(', ');
  return {
    kind: 'unknown',
    name: revision === '' ? 'unknown: no revision' : `unknown revision ${revision}`,
    series: [],
    legalMoves: [],
    explanation: `It is the end of no release that is known (${known}), nor on the way to one. Nothing may be run on it until a person knows where it comes from.`,
    source: heads[0]?.source ?? 'the files of the releases',
  };
}

const listed = (series: readonly ReleaseName[], joint: 'and' | 'or'): string =>
  series
    .map(releaseNameTitle)
    .join(', ')
    .replace(/, ([^,]*)$/, ` ${joint} $1`);

function unknownDatabase(database: string, { heads }: Rules): OperatorError {
  return new OperatorError(
    `looking for what is known about database ${database}: nothing; known are ${Object.keys(heads).join(', ')}`,
    { name: 'UnknownDatabase', hint: 'Use one of these, with the service it belongs to.' },
  );
}
