import type { ReadPart } from './reading.ts';
import type { ReadStep } from './steps.ts';

/** How the steps of one approval are like those of an earlier one of the same plan, hosts apart. */
export interface PartLikeness {
  /** The earlier part. */
  readonly from: number;
  readonly to: number;
  /** Steps that the earlier one has not. */
  readonly own: readonly ReadStep[];
  /** Steps of the earlier one that are missing here. */
  readonly missing: readonly ReadStep[];
}

/** The earlier part that this one is most like, where no more than a third of it is its own. */
export function partLikeness(
  part: ReadPart,
  earlier: readonly ReadPart[],
): PartLikeness | undefined {
  const own = keysOf(part);
  const found = earlier
    .map((other) => ({ other, shared: sharedOf(own, keysOf(other)) }))
    .filter(({ other, shared }) => 3 * shared >= 2 * Math.max(own.length, keysOf(other).length))
    .toSorted((a, b) => b.shared - a.shared)[0];
  if (found === undefined) return undefined;
  const { other } = found;
  const pairs = longestCommonPairs(own, keysOf(other));
  const [ours, theirs] = [new Set(pairs.map(([a]) => a)), new Set(pairs.map(([, b]) => b))];
  return {
    from: other.from,
    to: other.to,
    own: unpaired(part, ours),
    missing: unpaired(other, theirs),
  };
}

/** A key a unit: steps in a row of one shape are one. */
const keysOf = ({ steps }: ReadPart): string[] => runsOf(steps).map(([first]) => first.shape);

type Run = readonly [ReadStep, ...ReadStep[]];

function runsOf(steps: readonly ReadStep[]): Run[] {
  const runs: [ReadStep, ...ReadStep[]][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last !== undefined && last[0].shape === step.shape) last.push(step);
    else runs.push([step]);
  }
  return runs;
}

const unpaired = (part: ReadPart, paired: ReadonlySet<number>): ReadStep[] =>
  runsOf(part.steps).flatMap((run, index) => (paired.has(index) ? [] : run));

/** At most so many are common, in whatever order: cheap, so that few pairs of parts are compared step by step. */
function sharedOf(own: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const key of other) left.set(key, (left.get(key) ?? 0) + 1);
  return own.filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count > 0;
  }).length;
}

/** The longest common subsequence, as pairs of indexes. */
export function longestCommonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  const differs = a.findIndex((key, index) => key !== b[index]);
  const same = differs === -1 ? a.length : differs;
  const rest = restOfCommonPairs(a.slice(same), b.slice(same));
  return [
    ...a.slice(0, same).map((_, index): [number, number] => [index, index]),
    ...rest.map(([one, other]): [number, number] => [one + same, other + same]),
  ];
}

function restOfCommonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = a.length - 1; row >= 0; row -= 1)
    for (let column = b.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        a[row] === b[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const pairs: [number, number][] = [];
  for (let [row, column] = [0, 0]; row < a.length && column < b.length;) {
    if (a[row] === b[column]) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}
