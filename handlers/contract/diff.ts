/** Beyond this many edits a change is shown as a whole: the search costs their square. */
const mostEdits = 1000;

/** Longest diff that is shown, in characters. */
const longestDiff = 20_000;

const context = 3;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** A unified diff of two texts, cut to 20,000 characters; empty when they are equal. */
export function unifiedDiff(
  before: string,
  after: string,
  { from = 'before', to = 'after' } = {},
): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  return cut([`--- ${from}`, `+++ ${to}`, ...hunks(lines)].join('\n'));
}

// Each line keeps its newline, so that a last line without one differs from one with it.
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function compare(before: readonly string[], after: readonly string[]): Line[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (from: number, to: number): Line[] => signed(' ', before.slice(from, to));
  const old = before.slice(head, before.length - tail);
  const now = after.slice(head, after.length - tail);
  return [
    ...same(0, head),
    ...(shortest(old, now) ?? [...signed('-', old), ...signed('+', now)]),
    ...same(before.length - tail, before.length),
  ];
}

const signed = (sign: Line['sign'], lines: readonly string[]): Line[] =>
  lines.map((text) => ({ sign, text }));

/** The shortest edit script (Myers 1986, "An O(ND) difference algorithm"), or undefined beyond `mostEdits`. */
function shortest(before: readonly string[], after: readonly string[]): Line[] | undefined {
  const reached: Map<number, number>[] = [];
  let farthest = new Map([[1, 0]]);
  for (let edits = 0; edits <= mostEdits; edits += 1) {
    reached.push(farthest);
    farthest = new Map(farthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = start(farthest, diagonal, edits);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal])
        x += 1;
      farthest.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length)
        return walkBack(reached, before, after);
    }
  }
  return undefined;
}

function start(farthest: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  const right = (farthest.get(diagonal - 1) ?? -1) + 1;
  const down = farthest.get(diagonal + 1) ?? -1;
  return isDown(farthest, diagonal, edits) ? down : right;
}

function isDown(farthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  if (diagonal === edits) return false;
  return (farthest.get(diagonal - 1) ?? -1) < (farthest.get(diagonal + 1) ?? -1);
}

function walkBack(
  reached: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Line[] {
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = reached.length - 1; edits >= 0; edits -= 1) {
    const farthest = reached[edits] ?? new Map<number, number>();
    const down = isDown(farthest, x - y, edits);
    const fromX = farthest.get(x - y + (down ? 1 : -1)) ?? 0;
    const fromY = fromX - (x - y + (down ? 1 : -1));
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      lines.push({ sign: ' ', text: before[x] ?? '' });
    }
    if (edits === 0) break;
    if (down) lines.push({ sign: '+', text: after[fromY] ?? '' });
    else lines.push({ sign: '-', text: before[fromX] ?? '' });
    x = fromX;
    y = fromY;
  }
  return lines.toReversed();
}

function hunks(lines: readonly Line[]): string[] {
  const shown: string[] = [];
  let [old, now] = [1, 1];
  for (let index = 0; index < lines.length;) {
    const end = hunkEnd(lines, index);
    if (end === index) {
      index += 1;
      old += 1;
      now += 1;
      continue;
    }
    const hunk = lines.slice(index, end);
    const olds = hunk.filter(({ sign }) => sign !== '+').length;
    const news = hunk.filter(({ sign }) => sign !== '-').length;
    shown.push(`@@ -${range(old, olds)} +${range(now, news)} @@`, ...hunk.flatMap(print));
    index = end;
    old += olds;
    now += news;
  }
  return shown;
}

/** Where the hunk that begins at `at` ends; `at` itself when none begins there. */
function hunkEnd(lines: readonly Line[], index: number): number {
  const changed = (from: number, to: number): number =>
    lines.slice(from, to).findLastIndex(({ sign }) => sign !== ' ');
  if (changed(index, index + context + 1) === -1) return index;
  let end = index;
  for (let next = index + context + 1; ; next = end + 2 * context + 1) {
    const last = changed(end, next);
    if (last === -1) return Math.min(end + context, lines.length);
    end += last + 1;
  }
}

// An empty range names the line before it: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
const range = (from: number, count: number): string =>
  count === 1 ? String(from) : `${count === 0 ? from - 1 : from},${count}`;

const print = ({ sign, text }: Line): string[] =>
  text.endsWith('\n') ? [sign + text.slice(0, -1)] : [sign + text, '\\ No newline at end of file'];

function cut(diff: string): string {
  if (diff.length <= longestDiff) return diff;
  const kept = diff.slice(0, diff.lastIndexOf('\n', longestDiff));
  const left = diff.slice(kept.length).split('\n').length - 1;
  return `${kept}\n... ${left} more lines`;
}
