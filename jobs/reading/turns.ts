/** Things in a row that are the same but for their hosts. */
export interface TurnUnit<T> {
  readonly key: string;
  readonly members: readonly T[];
}

/** Units that come once, or a block of them that comes several times in a row. */
export interface TurnBlock<T> {
  /** How many times in a row; 1 for what comes once. */
  readonly turns: number;
  /** Of all turns together: the members of a unit are those of each turn, in order. */
  readonly units: readonly TurnUnit<T>[];
}

/**
 * Hosts that take their turns repeat what they do: `A A B C A B C A B C` reads as `A B C` in three turns. Nothing is left
 * out: the members of all blocks are what was given.
 */
export function turnBlocks<T>(all: readonly T[], keyOf: (one: T) => string): TurnBlock<T>[] {
  const units = unitsOf(all, keyOf);
  const keys = units.map(({ key }) => key);
  const blocks: TurnBlock<T>[] = [];
  let once: TurnUnit<T>[] = [];
  const flush = (): void => {
    if (once.length > 0) blocks.push({ turns: 1, units: once });
    once = [];
  };
  for (let index = 0; index < units.length;) {
    const { length, turns } = repeatAt(keys, index);
    const unit = units[index];
    // Of `A B C A B C A` the first A belongs to what came before: a turn rarely begins with the end of another.
    const isShifted = turns > 1 && keys[index + length * turns] === keys[index];
    if (turns === 1 || isShifted) {
      if (unit !== undefined) once.push(unit);
      index += 1;
      continue;
    }
    flush();
    blocks.push({ turns, units: merged(units.slice(index, index + length * turns), length) });
    index += length * turns;
  }
  flush();
  return blocks;
}

function unitsOf<T>(all: readonly T[], keyOf: (one: T) => string): TurnUnit<T>[] {
  const units: { key: string; members: T[] }[] = [];
  for (const one of all) {
    const key = keyOf(one);
    const last = units.at(-1);
    if (last?.key === key) last.members.push(one);
    else units.push({ key, members: [one] });
  }
  return units;
}

/** In units; the turn of a control host has about 60. */
const LONGEST_TURN = 100;

/** The block from here on that covers most in two turns or more; of several the shortest. */
function repeatAt(keys: readonly string[], index: number): { length: number; turns: number } {
  let best = { length: 1, turns: 1 };
  for (let length = 2; length <= LONGEST_TURN && index + 2 * length <= keys.length; length += 1) {
    if (keys[index] !== keys[index + length]) continue;
    let turns = 1;
    while (isSame(keys, { at: index, other: index + turns * length, length })) turns += 1;
    if (turns > 1 && turns * length > best.turns * best.length) best = { length, turns };
  }
  return best;
}

function isSame(
  keys: readonly string[],
  { at, other, length }: { readonly at: number; readonly other: number; readonly length: number },
): boolean {
  if (other + length > keys.length) return false;
  for (let index = 0; index < length; index += 1)
    if (keys[at + index] !== keys[other + index]) return false;
  return true;
}

const merged = <T>(units: readonly TurnUnit<T>[], length: number): TurnUnit<T>[] =>
  units.slice(0, length).map(({ key }, index) => ({
    key,
    members: units.filter((_unit, at) => at % length === index).flatMap(({ members }) => members),
  }));
