/** Things in a row that are the same but for their hosts. */
export interface Unit<T> {
  readonly key: string;
  readonly members: readonly T[];
}

/** Units that come once, or a block of them that comes several times in a row. */
export interface Block<T> {
  /** How many times in a row; 1 for what comes once. */
  readonly turns: number;
  /** Of all turns together: the members of a unit are those of each turn, in order. */
  readonly units: readonly Unit<T>[];
}

/**
 * Hosts that take their turns repeat what they do: `A A B C A B C A B C` reads as `A B C` in three turns. Nothing is left
 * out: the members of all blocks are what was given.
 */
export function blocksOf<T>(all: readonly T[], keyOf: (one: T) => string): Block<T>[] {
  const units = unitsOf(all, keyOf);
  const keys = units.map(({ key }) => key);
  const blocks: Block<T>[] = [];
  let once: Unit<T>[] = [];
  const flush = (): void => {
    if (once.length > 0) blocks.push({ turns: 1, units: once });
    once = [];
  };
  for (let at = 0; at < units.length;) {
    const { length, turns } = repeatAt(keys, at);
    const unit = units[at];
    // Of `A B C A B C A` the first A belongs to what came before: a turn rarely begins with the end of another.
    const isShifted = turns > 1 && keys[at + length * turns] === keys[at];
    if (turns === 1 || isShifted) {
      if (unit !== undefined) once.push(unit);
      at += 1;
      continue;
    }
    flush();
    blocks.push({ turns, units: merged(units.slice(at, at + length * turns), length) });
    at += length * turns;
  }
  flush();
  return blocks;
}

function unitsOf<T>(all: readonly T[], keyOf: (one: T) => string): Unit<T>[] {
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
function repeatAt(keys: readonly string[], at: number): { length: number; turns: number } {
  let best = { length: 1, turns: 1 };
  for (let length = 2; length <= LONGEST_TURN && at + 2 * length <= keys.length; length += 1) {
    if (keys[at] !== keys[at + length]) continue;
    let turns = 1;
    while (isSame(keys, { at, other: at + turns * length, length })) turns += 1;
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

const merged = <T>(units: readonly Unit<T>[], length: number): Unit<T>[] =>
  units.slice(0, length).map(({ key }, index) => ({
    key,
    members: units.filter((_unit, at) => at % length === index).flatMap(({ members }) => members),
  }));
