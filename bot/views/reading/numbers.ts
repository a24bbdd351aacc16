/** Numbers of steps in few words: `14`, `14–18, 21`; of many that lie apart the first and the last, and how many. */
export function numbersText(numbers: readonly number[], most = 4): string {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const [first, last] = [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0];
  return ranges.length > most
    ? `${first} to ${last}, ${numbers.length} in all`
    : ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

/** `step 3`, `steps 14–18, 21`. */
export const stepsText = (numbers: readonly number[]): string =>
  `${numbers.length === 1 ? 'step' : 'steps'} ${numbersText(numbers)}`;
