import type { z } from 'zod';
import { OperatorError } from '../../handlers/errors.ts';
import type { Knowledge } from './knowledge.ts';
import type { Move, SchemaState } from './schemas.ts';
import { type SeriesName, seriesNames, titleOf } from './series.ts';

export interface SchemaQuestion {
  readonly service: string;
  /** Which of its databases, where it has several. Default: the one named like the service. */
  readonly database?: string;
  /** What the version table holds: an integer, or revisions with blanks between them. */
  readonly revision: string | number;
  /** What counting the rows that would block the next sync gave; unset when nobody counted. */
  readonly rowsBlocking?: number | undefined;
}

interface LegalMove extends z.infer<typeof Move> {
  readonly id: string;
}

export interface SchemaTruth {
  readonly kind: 'head' | 'between' | 'unknown';
  /** `Juno`, `Kilo complete`, `between Kilo and Liberty: stopped at 290`, `unknown revision 12`. */
  readonly name: string;
  /** At a head: every series that has it. Between: the two it lies between. */
  readonly series: readonly SeriesName[];
  readonly legalMoves: readonly LegalMove[];
  readonly explanation: string;
  readonly source: string;
  /** What a later sync refuses, and the query that counts it. */
  readonly blockedBy?: SchemaState['blockedBy'];
}

type Rules = Pick<Knowledge, 'heads' | 'states'>;

/** What a database's revision means and what may be done next. Throws `UnknownDatabase`; an odd revision is `unknown`. */
export function schemaTruth(question: SchemaQuestion, rules: Rules): SchemaTruth {
  const database = question.database ?? question.service;
  const known = rules.heads[database];
  if (known === undefined || known.service !== question.service)
    throw unknownDatabase(database, rules);
  const revision = normal(String(question.revision));
  const heads = headsOf(known.heads);
  const place = placeOf(revision, heads);
  const state = stateOf(rules, database, revision);
  if (state !== undefined && place !== undefined)
    return { ...place, ...ofState(state, rules.states.moves, question.rowsBlocking) };
  return place === undefined ? unknown(revision, heads) : ofHeads(place, heads);
}

interface Head {
  readonly series: SeriesName;
  readonly revision: string;
  readonly source: string;
}

type Place = Pick<SchemaTruth, 'kind' | 'name' | 'series' | 'source'>;

const normal = (revision: string): string =>
  revision
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted()
    .join(' ');

function headsOf(known: Knowledge['heads'][string]['heads']): Head[] {
  return seriesNames.flatMap((series) => {
    const found = known[series];
    return found === undefined
      ? []
      : [{ series, revision: normal(found.heads.join(' ')), source: found.source }];
  });
}

function placeOf(revision: string, heads: readonly Head[]): Place | undefined {
  const exact = heads.filter((head) => head.revision === revision);
  const [first] = exact;
  if (first !== undefined) {
    const series = exact.map((head) => head.series);
    return { kind: 'head', name: listed(series, 'or'), series, source: first.source };
  }
  return betweenNumbers(revision, heads) ?? partOfHeads(revision, heads);
}

/** Numbers count up, so one between two heads belongs to a sync that was stopped. */
function betweenNumbers(revision: string, heads: readonly Head[]): Place | undefined {
  if (!/^\d{1,4}$/.test(revision)) return undefined;
  const numbered = heads.filter((head) => /^\d{1,4}$/.test(head.revision));
  const next = numbered.findIndex((head) => Number(head.revision) > Number(revision));
  return stoppedBetween(revision, [numbered[next - 1], numbered[next]]);
}

/** Some branches of a release at their heads, others not yet. */
function partOfHeads(revision: string, heads: readonly Head[]): Place | undefined {
  const found = new Set(revision.split(' '));
  const at = heads.findIndex((head) => head.revision.split(' ').some((one) => found.has(one)));
  return stoppedBetween(revision, [heads[at - 1], heads[at]]);
}

function stoppedBetween(
  revision: string,
  [before, after]: readonly [Head | undefined, Head | undefined],
): Place | undefined {
  // Heads that were not read in between would make it a guess.
  if (before === undefined || after === undefined || nextOf(before.series) !== after.series)
    return undefined;
  return {
    kind: 'between',
    name: `between ${listed([before.series, after.series], 'and')}: stopped at ${revision}`,
    series: [before.series, after.series],
    source: after.source,
  };
}

function stateOf({ states }: Rules, database: string, revision: string): SchemaState | undefined {
  const number = /^\d+$/.test(revision) ? Number(revision) : Number.NaN;
  return states.databases[database]?.find(({ from, to }) => from <= number && number <= to);
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
  const at = heads.findIndex((head) => head.series === last);
  const stopped = place.kind === 'between';
  const goal = stopped ? heads[at] : heads[at + 1];
  const explanation = stopped
    ? `${titleOf(goal?.series ?? 'juno')}'s sync was interrupted. It goes on with the next migration; if it says that a column or table exists already, only a restore helps.`
    : `The schema of ${place.name}, whole.`;
  const legalMoves =
    goal !== undefined && last !== undefined && (stopped || nextOf(last) === goal.series)
      ? [sync(goal.series), ...(stopped ? [restore] : [])]
      : [];
  return { ...place, explanation, legalMoves };
}

const nextOf = (series: SeriesName): SeriesName | undefined =>
  seriesNames[seriesNames.indexOf(series) + 1];

const sync = (code: SeriesName): LegalMove => ({
  id: `sync-${code}`,
  title: `Run ${titleOf(code)}'s schema sync`,
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
  const known = heads.map((head) => `${titleOf(head.series)} ${head.revision}`).join(', ');
  return {
    kind: 'unknown',
    name: revision === '' ? 'unknown: no revision' : `unknown revision ${revision}`,
    series: [],
    legalMoves: [],
    explanation: `It is the end of no release that is known (${known}), nor on the way to one. Nothing may be run on it until a person knows where it comes from.`,
    source: heads[0]?.source ?? 'schema-heads.yaml',
  };
}

const listed = (series: readonly SeriesName[], joint: 'and' | 'or'): string =>
  series
    .map(titleOf)
    .join(', ')
    .replace(/, ([^,]*)$/, ` ${joint} $1`);

function unknownDatabase(database: string, { heads }: Rules): OperatorError {
  return new OperatorError(
    `looking for what is known about database ${database}: nothing; known are ${Object.keys(heads).join(', ')}`,
    { name: 'UnknownDatabase', hint: 'Use one of these, with the service it belongs to.' },
  );
}
